/** Characters from which on a picture costs a parser more than it is worth. */
const LARGE = 10_000;
const SOURCE = /\bsrc\s*=\s*(["'])(data:image\/(?:png|jpe?g|gif|webp);base64,)/giu;
const NO_BASE64 = /[^A-Za-z0-9+/=\s]/gu;
const STAND_IN = /^data:image\/png;base64,holdover\/picture\/(\d{1,6})$/u;
const standIn = (index: number): string => `data:image/png;base64,holdover/picture/${index}`;

/** HTML whose large pictures are elsewhere. */
export interface Lightened {
  readonly html: string;
  readonly pictures: readonly string[];
}

/**
 * Puts something short in the place of each large picture in the HTML's own text, so that megabytes need not be parsed, cleaned and compared.
 * Both are letters and digits between the same quotation marks: nothing around them is read otherwise for it. Linear.
 */
export function withoutLargePictures(html: string): Lightened {
  const pictures: string[] = [];
  if (html.length < LARGE) return { html, pictures };
  let [light, from] = ['', 0];
  for (const { 0: start, 1: quote = '', 2: prefix = '', index } of html.matchAll(SOURCE)) {
    const begin = index + start.length;
    NO_BASE64.lastIndex = begin;
    const end = NO_BASE64.exec(html)?.index ?? html.length;
    // A mail that was cut off within it has no such picture, and no parser takes it for anything else.
    if ((html[end] !== quote && end < html.length) || end - begin < LARGE) continue;
    light += html.slice(from, begin - prefix.length) + standIn(pictures.length);
    pictures.push(html.slice(begin - prefix.length, end));
    from = end;
  }
  return { html: light + html.slice(from), pictures };
}

/** The picture that an address stands for; the address itself where it stands for none. */
export const pictureOf = (source: string, pictures: readonly string[]): string =>
  pictures[Number(STAND_IN.exec(source)?.[1] ?? -1)] ?? source;
