const BLOCKS = 'p, div, li, blockquote, td, th, pre, h1, h2, h3, h4, h5, h6';

/** The text of an element as it reads, and the way back from a place in it to the page. */
export interface TextFlow {
  readonly text: string;
  /** What lies between two places of the text. */
  range(start: number, end: number): Range;
  /** The place of a point of the page; null where it is not within the text. */
  placeOf(node: Node, offset: number): number | null;
}

/** Reads the text below an element: pieces of one line together, however they are nested; lines and blocks apart. */
export function textFlow(root: HTMLElement): TextFlow {
  const pieces: { readonly node: Text; readonly start: number }[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let text = '';
  let block: Element | null = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof HTMLBRElement || node instanceof HTMLImageElement) text += '\n';
    if (!(node instanceof Text)) continue;
    const its = node.parentElement?.closest(BLOCKS) ?? null;
    if (its !== block && text !== '') text += '\n';
    block = its;
    pieces.push({ node, start: text.length });
    text += node.data;
  }
  // A piece ends where it still may be the end of a word; it begins where it is the beginning of one.
  const at = (place: number, isEnd: boolean): readonly [Text, number] => {
    const { node, start } = pieces.findLast((one) => one.start < place || (!isEnd && one.start === place)) ?? pieces[0]!;
    return [node, Math.min(place - start, node.length)];
  };
  return {
    text,
    range: (start, end) => {
      const range = document.createRange();
      range.setStart(...at(start, false));
      range.setEnd(...at(end, true));
      return range;
    },
    placeOf: (node, offset) => {
      const piece = pieces.find((one) => one.node === node);
      return piece ? piece.start + offset : null;
    },
  };
}
