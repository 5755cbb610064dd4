import type { Config } from 'dompurify';
import { canonicalImageUrl } from '../../shared/trust/image-url.ts';
import { htmlParts } from '../../shared/model/html-parts.ts';
import { decodeContentId } from './content-id.ts';
import { emptyFrame, settled } from './frame-document.ts';
import { readLink, type MailLink } from './link.ts';
import { pixelsOf } from './image-size.ts';
import { pictureOf, withoutLargePictures } from './large-pictures.ts';
import { parseInert, purify } from './purifier.ts';
import { cleanInSlices, Turns } from './slices.ts';

/** A mail's HTML made harmless, with what was taken out of it. */
export interface CleanMail {
  /** The whole document of the mail frame. */
  readonly html: TrustedHTML;
  readonly blockedImages: number;
  readonly links: readonly MailLink[];
}

/** Attributes that hold no address: without this list the rule for addresses would take numbers and names for bad ones. */
const NO_ADDRESS = [
  ...['abbr', 'align', 'axis', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'char', 'charoff', 'charset', 'clear', 'color'],
  ...['colspan', 'compact', 'coords', 'datetime', 'dir', 'face', 'frame', 'headers', 'height', 'hspace', 'lang', 'noshade', 'nowrap'],
  ...['open', 'reversed', 'rowspan', 'rules', 'scope', 'shape', 'size', 'span', 'start', 'type', 'valign', 'value', 'vspace', 'width'],
];

const CONFIG: Config & { RETURN_TRUSTED_TYPE: false } = {
  RETURN_TRUSTED_TYPE: false,
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    'style',
    'form',
    'input',
    'button',
    'textarea',
    'select',
    'option',
    'iframe',
    'object',
    'embed',
    'video',
    'audio',
    'source',
    'track',
    'picture',
    'link',
    'meta',
    'base',
    'svg',
    'math',
    'template',
    'dialog',
    'map',
    'area',
  ],
  FORBID_ATTR: [
    'srcset',
    'ping',
    'action',
    'formaction',
    'poster',
    'background',
    'name',
    'id',
    'target',
    'usemap',
    'is',
    'slot',
    'part',
    'tabindex',
    'autofocus',
    'contenteditable',
    'draggable',
    'popover',
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ADD_URI_SAFE_ATTR: NO_ADDRESS,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|data:image\/(?:png|jpe?g|gif|webp);)/iu,
};

/** One object for all slices: another would be read anew each time. */
const FRAGMENT_CONFIG: typeof CONFIG & { RETURN_DOM_FRAGMENT: true } = { ...CONFIG, RETURN_DOM_FRAGMENT: true };

const SAFE_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp);base64,/iu;
/** Anything in a style that could load, escape its place or act. */
const STYLE_DANGER = /url|image-set|expression|@|\\|position|z-index|behaviou?r|-moz-binding|cursor|content/iu;
const MAX_LINKS = 200;
/** More than any writer of mail needs; each costs a look at all others. */
const MAX_ATTRIBUTES = 200;
/** Characters from which on a part is parsed in a turn of its own. */
const LONG_PART = 1_000_000;
/** Pictures of one mail together, as they are drawn: 4 bytes each. */
const MAX_PIXELS = 60_000_000;

interface Found {
  blockedImages: number;
  pixels: number;
  readonly links: Map<string, MailLink>;
}

function cleanStyle(style: string): string {
  return style
    .split(';')
    .filter((declaration) => !STYLE_DANGER.test(declaration))
    .join(';');
}

function cleanImage(image: HTMLImageElement, { inlineImages, remoteImages, pictures, found }: Work): void {
  const source = pictureOf(image.getAttribute('src') ?? '', pictures);
  const content = /^cid:/iu.test(source)
    ? inlineImages[decodeContentId(source.slice(4))]
    : (remoteImages[canonicalImageUrl(source) ?? ''] ?? source);
  if (content !== undefined && SAFE_IMAGE.test(content) && hasRoom(content, found)) {
    image.setAttribute('src', content);
    return;
  }
  if (/^https?:/iu.test(source)) found.blockedImages += 1;
  image.removeAttribute('src');
}

/** Whether a picture can be drawn without taking the machine's memory: a few bytes can hold a billion pixels. */
function hasRoom(source: string, found: Found): boolean {
  const pixels = pixelsOf(source.slice(source.indexOf(',') + 1));
  if (found.pixels + pixels > MAX_PIXELS) return false;
  found.pixels += pixels;
  return true;
}

/** A link in the frame does nothing by itself: it keeps its look and is listed below the message, with its real target. */
function cleanLink(anchor: Element, { found, hrefs }: Work): void {
  const link = readLink(hrefs.get(anchor) ?? '', anchor.textContent);
  anchor.removeAttribute('href');
  if (link === null) return;
  anchor.setAttribute('title', link.target);
  anchor.setAttribute('style', `${anchor.getAttribute('style') ?? ''};text-decoration:underline`);
  // The same address under another text can mislead where the first did not.
  const key = `${link.url} ${link.text}`;
  if (found.links.size < MAX_LINKS && !found.links.has(key)) found.links.set(key, link);
}

/** What the mail at hand gave, and the images it may use. */
interface Work {
  readonly found: Found;
  readonly inlineImages: Readonly<Record<string, string>>;
  /** What a person asked for: address to `data:` address. */
  readonly remoteImages: Readonly<Record<string, string>>;
  /** As the mail has them: what the purifier takes out is told, too. */
  readonly hrefs: WeakMap<Node, string>;
  /** Large pictures that stood in the mail's own text. */
  readonly pictures: readonly string[];
}

let work: Work | null = null;

purify.addHook('beforeSanitizeElements', (node) => {
  if (node instanceof Element && node.attributes.length > MAX_ATTRIBUTES) node.remove();
});

purify.addHook('beforeSanitizeAttributes', (node) => {
  if (work !== null && node.tagName === 'A') work.hrefs.set(node, node.getAttribute('href') ?? '');
});

purify.addHook('afterSanitizeAttributes', (node) => {
  if (work === null) return;
  if (node.hasAttribute('style')) node.setAttribute('style', cleanStyle(node.getAttribute('style') ?? ''));
  if (node instanceof HTMLImageElement) cleanImage(node, work);
  else if (node.tagName === 'A') cleanLink(node, work);
  else if (node.hasAttribute('src')) node.removeAttribute('src');
});

function during<T>(now: Work, action: () => T): T {
  work = now;
  try {
    return action();
  } finally {
    work = null;
  }
}

async function purifiedInSlices(parts: readonly Document[], now: Work, turns: Turns): Promise<Document> {
  const frame = emptyFrame();
  const clean = (part: DocumentFragment): DocumentFragment => during(now, () => purify.sanitize(part, FRAGMENT_CONFIG));
  for (const { body } of parts) {
    const place = parts.length === 1 ? frame.body : frame.body.appendChild(frame.createElement('div'));
    await cleanInSlices(body, place, clean, turns);
  }
  return frame;
}

/**
 * Makes a mail's HTML harmless: nothing runs, loads, moves out of its frame or leads away. Images of the mail itself are
 * put in, and those that a person had fetched for it; all others are counted and left out, as are those too large to be drawn. The
 * frame it is shown in allows nothing either (sandbox and policy). The window has its turn every few milliseconds.
 *
 * @throws DOMException TimeoutError when its turns are used up, AbortError when it is given up, DataError when it reads otherwise
 *   each time it is written
 */
export async function cleanMail(
  html: string,
  inlineImages: Readonly<Record<string, string>>,
  remoteImages: Readonly<Record<string, string>>,
  turns: Turns,
): Promise<CleanMail> {
  const light = withoutLargePictures(html);
  const work = (pictures: readonly string[]): Work => ({
    ...{ inlineImages, remoteImages, hrefs: new WeakMap(), pictures },
    found: { blockedImages: 0, pixels: 0, links: new Map() },
  });
  const first = work(light.pictures);
  const parts: Document[] = [];
  for (const part of htmlParts(light.html)) {
    await turns.next(part.length > LONG_PART);
    parts.push(parseInert(part));
    await turns.next();
  }
  const frame = await purifiedInSlices(parts, first, turns);
  const settledHtml = await settled(frame, (read) => purifiedInSlices([read], work([]), turns), turns);
  return { html: settledHtml, blockedImages: first.found.blockedImages, links: [...first.found.links.values()] };
}
