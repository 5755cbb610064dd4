export type ComposeAction = 'new' | 'reply' | 'reply-all' | 'forward' | 'edit';

/** What of a key press matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly target: EventTarget | null;
}

/** Within the composer no single key is a command, wherever the focus is: a slip would act on another mail. */
const TYPING = 'input, textarea, select, [contenteditable="true"], [data-composer]';

/** Whether keys go into a text there. */
export function isTyping(target: EventTarget | null): boolean {
  const element = target as { closest?: (selector: string) => unknown } | null;
  return typeof element?.closest === 'function' && element.closest(TYPING) !== null;
}

/**
 * The action of a key. Single keys count only where nobody types. `isDraft`: of the chosen mail; null when none is chosen. A draft is
 * not answered but written on.
 */
export function composeAction(
  { key, ctrlKey, metaKey, altKey, shiftKey, target }: KeyPress,
  isDraft: boolean | null,
): ComposeAction | null {
  if ((ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 'n') return 'new';
  if (ctrlKey || metaKey || altKey || shiftKey || isTyping(target)) return null;
  if (key === 'c') return 'new';
  if (isDraft === null) return null;
  if (isDraft) return key === 'Enter' && isInList(target) ? 'edit' : null;
  return ({ r: 'reply', a: 'reply-all', f: 'forward' } as const)[key] ?? null;
}

/** Whether a list of messages has the focus there. */
export function isInList(target: EventTarget | null): boolean {
  const element = target as { closest?: (selector: string) => unknown } | null;
  return typeof element?.closest === 'function' && element.closest('[role="listbox"]') !== null;
}
