/** Nodes that are cleaned in one go, and how long may pass before the window is let have a turn. */
const SLICE_NODES = 250;
const TURN_MS = 25;
/** Left out or taken in whole: what is in them is no content of the mail. */
const WHOLE = new Set(
  'style script template noscript title textarea select iframe object embed video audio svg math noembed noframes xmp'.split(' '),
);

/** Lets the window have its turn when enough time has passed. @throws DOMException when it is given up or out of time */
export class Turns {
  readonly #endAt: number;
  readonly #signal: AbortSignal;
  #since = performance.now();

  constructor(signal: AbortSignal, endAt: number) {
    [this.#signal, this.#endAt] = [signal, endAt];
  }

  /** @param isDue what comes now, or came just before, takes long in one go */
  async next(isDue = performance.now() - this.#since >= TURN_MS): Promise<void> {
    if (!isDue) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
    this.#signal.throwIfAborted();
    if (this.#since > this.#endAt) throw new DOMException('', 'TimeoutError');
  }
}

/** Attributes that cost as much as a node. */
const NODE_ATTRIBUTES = 8;
const ownWeight = (node: Node): number => 1 + (node instanceof Element ? Math.floor(node.attributes.length / NODE_ATTRIBUTES) : 0);

/** Nodes of a subtree, counted no further than a slice; many attributes count as nodes. */
function weigh(node: Node, walkerOf: Document): number {
  const walker = walkerOf.createTreeWalker(node);
  let count = ownWeight(node);
  while (count <= SLICE_NODES && walker.nextNode() !== null) count += ownWeight(walker.currentNode);
  return count;
}

const isDivided = (node: Node, weight: number): node is Element =>
  weight > SLICE_NODES && node instanceof Element && !WHOLE.has(node.localName);

/**
 * Moves what is below `from` to `to`, cleaned a few nodes at a time. An element too large for one slice is cleaned alone, and what
 * is in it after that; where the cleaner takes it out, its content stays, as it does in one go. Trees only: nothing is parsed again.
 *
 * @param clean gives the clean form of a few nodes
 */
export async function cleanInSlices(
  from: Element,
  to: ParentNode,
  clean: (part: DocumentFragment) => DocumentFragment,
  turns: Turns,
): Promise<void> {
  const { ownerDocument } = from;
  let slice = ownerDocument.createDocumentFragment();
  let weight = 0;
  const flush = async (place: ParentNode): Promise<void> => {
    if (weight === 0) return;
    place.append(clean(slice));
    [slice, weight] = [ownerDocument.createDocumentFragment(), 0];
    await turns.next();
  };
  for (let child = from.firstChild; child !== null; child = from.firstChild) {
    const own = weigh(child, ownerDocument);
    if (!isDivided(child, own)) {
      slice.append(child);
      weight += own;
      if (weight >= SLICE_NODES) await flush(to);
      continue;
    }
    await flush(to);
    child.remove();
    const shell = ownerDocument.createDocumentFragment();
    shell.append(child.cloneNode(false));
    const cleaned = clean(shell);
    const kept = cleaned.firstElementChild;
    to.append(cleaned);
    await turns.next();
    await cleanInSlices(child, kept ?? to, clean, turns);
  }
  await flush(to);
}
