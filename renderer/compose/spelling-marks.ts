import { spellingLimits } from '../../shared/model/spelling.ts';
import { call } from '../api.ts';
import { wordsOf } from './spelling-words.ts';
import { textFlow } from './text-flow.ts';

/** Its style is SpellingMenu's. */
const NAME = 'spelling';
const PAUSE_MS = 250;
/** Who does not type on has ended the word. */
const WORD_ENDS_MS = 1_500;
const MAX_KNOWN = 50_000;

/** Words that were asked about, and whether they are wrong. */
const known = new Map<string, boolean>();
const marked = new Map<HTMLElement, readonly Range[]>();
const watched = new Set<() => void>();

function draw(): void {
  const highlight = new Highlight(...[...marked.values()].flat());
  highlight.type = 'spelling-error';
  CSS.highlights.set(NAME, highlight);
}

/** Learns of the words not known yet. @throws MailError where the dictionaries could not be asked */
async function learn(words: ReadonlySet<string>): Promise<void> {
  const asked = [...words].filter((word) => !known.has(word)).slice(0, spellingLimits.words);
  if (asked.length === 0) return;
  const wrong = new Set(await call('spelling.check', { words: asked }));
  if (known.size > MAX_KNOWN) known.clear();
  for (const word of asked) known.set(word, wrong.has(word));
}

/** Everything is asked anew: the languages were changed, or a word was added. */
export function recheckSpelling(): void {
  known.clear();
  for (const check of watched) check();
}

async function mark(root: HTMLElement, isTyping: boolean): Promise<void> {
  await learn(new Set(wordsOf(textFlow(root).text).map(({ word }) => word)));
  // Read again: what is written has gone on meanwhile.
  const flow = textFlow(root);
  const selection = document.getSelection();
  const caret = isTyping && selection?.focusNode ? flow.placeOf(selection.focusNode, selection.focusOffset) : null;
  const wrong = wordsOf(flow.text).filter(({ word, end }) => known.get(word) === true && end !== caret);
  marked.set(
    root,
    wrong.map(({ start, end }) => flow.range(start, end)),
  );
  draw();
}

/** Underlines the wrong words below an element, now and whenever its text changes. Returns the function that ends this. */
export function watchSpelling(root: HTMLElement): () => void {
  let timer = 0;
  const check = (isTyping: boolean): void => {
    clearTimeout(timer);
    timer = window.setTimeout(
      () => {
        // Without dictionaries nothing is marked; the app has noted it.
        mark(root, isTyping).catch(() => undefined);
        if (isTyping) timer = window.setTimeout(() => check(false), WORD_ENDS_MS);
      },
      isTyping ? PAUSE_MS : 0,
    );
  };
  const again = (): void => check(false);
  const observer = new MutationObserver(() => check(true));
  observer.observe(root, { characterData: true, childList: true, subtree: true });
  watched.add(again);
  again();
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    watched.delete(again);
    marked.delete(root);
    draw();
  };
}
