import { parseInert, trustCleaned } from './purifier.ts';
import type { Turns } from './slices.ts';

const FRAME_STYLE = `html{color-scheme:light;background:#fff}body{margin:16px;color:#1b1f27;font:15px/1.5 system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin:8px 0;padding-left:12px;border-left:3px solid #c6ccd6;color:#4b5361}pre{white-space:pre-wrap}a{color:#1f5fbf;text-decoration:underline}`;
const FRAME_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
/** Each time round a parser moves what stands where it may not; mail that is still not at rest was made for that. */
const MAX_ROUNDS = 5;

function add(to: Element, name: string, attributes: Readonly<Record<string, string>>): Element {
  const element = to.ownerDocument.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  to.append(element);
  return element;
}

/** The document of the mail frame, without a mail: it has no window, so that nothing in it runs, loads or is drawn. */
export function emptyFrame(): Document {
  const frame = document.implementation.createHTMLDocument('');
  frame.head.replaceChildren();
  add(frame.head, 'meta', { charset: 'utf-8' });
  add(frame.head, 'meta', { 'http-equiv': 'Content-Security-Policy', content: FRAME_POLICY });
  addStyle(frame, FRAME_STYLE);
  return frame;
}

/** More looks of our own. */
export function addStyle(frame: Document, css: string): void {
  add(frame.head, 'style', {}).textContent = css;
}

/** The same tree without the data of its pictures: megabytes in which no parser finds a tag. */
function withoutPictures(frame: Document): Document {
  const copy = frame.cloneNode(true) as Document;
  for (const image of copy.images) if (image.hasAttribute('src')) image.setAttribute('src', 'data:');
  return copy;
}

/**
 * The frame's document in writing, in a form that a parser reads as it is written: what the purifier has seen is what is drawn. A tree
 * that reads otherwise (mutation XSS lives of such) is cleaned again as it reads. The writing is the serialiser's, untouched.
 *
 * @param clean gives another frame with what is in this document's body, cleaned
 * @param turns between the steps; nothing else has hold of the document meanwhile
 * @throws DOMException DataError when it never comes to rest
 */
export async function settled(frame: Document, clean: (read: Document) => Promise<Document>, turns: Turns): Promise<TrustedHTML> {
  let now = frame;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await turns.next();
    const written = withoutPictures(now).documentElement.outerHTML;
    const isAsWritten = parseInert(written).documentElement.outerHTML === written;
    await turns.next();
    if (isAsWritten) return trustCleaned(now.documentElement.outerHTML);
    now = await clean(parseInert(now.documentElement.outerHTML));
  }
  throw new DOMException('', 'DataError');
}
