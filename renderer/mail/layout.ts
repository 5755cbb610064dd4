import { careWords } from '../text/care.ts';
import { isTooMuchMarkup } from './markup-cost.ts';
import { cleanMail, type CleanMail } from './sanitize.ts';
import { Turns } from './slices.ts';
import { firstOf, textOfHtml } from './text-of-html.ts';

/** How long a mail may take until it is drawn; then its text is shown instead. */
const GIVE_UP_MS = 5_000;

/** HTML of a mail as it came, and what belongs to it. */
interface GivenMail {
  readonly html: string;
  readonly text?: string | null;
  readonly inlineImages: Readonly<Record<string, string>>;
  /** What a person had fetched for it: address to `data:` address. */
  readonly remoteImages?: Readonly<Record<string, string>> | undefined;
}

/** What is shown of the HTML of a mail. */
export type Layout =
  | { readonly clean: CleanMail; readonly giveUpAt: number }
  /** Its text, because its layout would take too much time or memory. */
  | { readonly clean: null; readonly text: string };

/** The text of a mail whose layout is given up. */
export const textInstead = ({ html, text }: GivenMail): Layout => ({
  clean: null,
  text: text === undefined || text === null ? textOfHtml(html) : firstOf(text),
});

/**
 * Makes the HTML of a mail ready to be shown, without ever keeping the window from answering; its text where that costs too much.
 *
 * @throws DOMException AbortError when the signal came
 */
export async function laidOut(mail: GivenMail, signal: AbortSignal): Promise<Layout> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  if (isTooMuchMarkup(mail.html)) return textInstead(mail);
  try {
    const clean = await cleanMail(mail.html, mail.inlineImages, mail.remoteImages ?? {}, new Turns(signal, giveUpAt));
    signal.throwIfAborted();
    return { clean, giveUpAt };
  } catch (error) {
    // Only time may run out here, or a form be found nowhere; anything else is a fault of ours and is told as one.
    if (signal.aborted || !(error instanceof DOMException)) throw error;
    return textInstead(mail);
  }
}

/** The same for a view that may be left meanwhile. Returns what ends it early. */
export function layOut(mail: GivenMail, onready: (layout: Layout) => void): () => void {
  const stop = new AbortController();
  void laidOut(mail, stop.signal).then(onready, (error: unknown) => {
    if (stop.signal.aborted) return;
    onready(textInstead(mail));
    throw error;
  });
  return () => stop.abort();
}

export const textInsteadWords = (language: 'de' | 'en'): string => careWords(language).textInstead;
