/** What a key asks of the list. */
export type ListOrder =
  | { readonly kind: 'go'; readonly to: number; readonly way: 'open' | 'extend' | 'look' }
  | { readonly kind: 'choose-all' | 'toggle' | 'end-choice' | 'read' | 'scroll-on' | 'scroll-back' };

/** Where the list stands when a key is pressed. */
export interface ListPlace {
  readonly at: number;
  readonly total: number;
  /** Rows that one page key goes over. */
  readonly page: number;
  readonly isPicking: boolean;
}

/** The part of a KeyboardEvent that counts. */
interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Row that a key goes to, which may lie beyond the list. */
function targetOf(key: string, isCommand: boolean, { at, total, page }: ListPlace): number | undefined {
  const goals = new Map([
    ['ArrowDown', at + 1],
    ['ArrowUp', at - 1],
    ['Home', 0],
    ['End', total - 1],
    ['PageDown', at + page],
    ['PageUp', at - page],
  ]);
  const letters = new Map([
    ['j', at + 1],
    ['k', at - 1],
  ]);
  return goals.get(key) ?? (isCommand ? undefined : letters.get(key.toLowerCase()));
}

/** Reads a key pressed in the list; null where it is none of the list's. */
export function listOrder({ key, ctrlKey, metaKey, shiftKey, altKey }: Key, place: ListPlace): ListOrder | null {
  if (altKey) return null;
  const isCommand = ctrlKey || metaKey;
  const to = targetOf(key, isCommand, place);
  if (to !== undefined) return { kind: 'go', to, way: shiftKey ? 'extend' : isCommand ? 'look' : 'open' };
  if (isCommand && key.toLowerCase() === 'a') return { kind: 'choose-all' };
  if (isCommand ? key === ' ' : key === 'x') return { kind: 'toggle' };
  if (key === 'Escape' && place.isPicking) return { kind: 'end-choice' };
  if (isCommand) return null;
  if (key === 'Enter') return { kind: 'read' };
  if (key === ' ') return { kind: shiftKey ? 'scroll-back' : 'scroll-on' };
  return null;
}
