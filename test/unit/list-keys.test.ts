import { describe, expect, it } from 'vitest';
import { listOrder, type ListPlace } from '../../renderer/list/list-keys.ts';

const place: ListPlace = { at: 4, total: 100, page: 10, isPicking: false };
const press = (key: string, held: { ctrl?: boolean; meta?: boolean; shift?: boolean; alt?: boolean } = {}, at: ListPlace = place) =>
  listOrder(
    { key, ctrlKey: held.ctrl === true, metaKey: held.meta === true, shiftKey: held.shift === true, altKey: held.alt === true },
    at,
  );

describe('keys of the message list', () => {
  it.each([
    ['ArrowDown', 5],
    ['j', 5],
    ['ArrowUp', 3],
    ['k', 3],
    ['Home', 0],
    ['End', 99],
    ['PageDown', 14],
    ['PageUp', -6],
  ])('%s goes to a row and opens it', (key, to) => {
    expect(press(key)).toEqual({ kind: 'go', to, way: 'open' });
  });

  it('extends the choice with the shift key, letters in capitals too', () => {
    expect(press('ArrowDown', { shift: true })).toEqual({ kind: 'go', to: 5, way: 'extend' });
    expect(press('J', { shift: true })).toEqual({ kind: 'go', to: 5, way: 'extend' });
    expect(press('K', { shift: true })).toEqual({ kind: 'go', to: 3, way: 'extend' });
  });

  it.each(['ctrl', 'meta'] as const)('only looks with %s, chooses all and toggles', (held) => {
    expect(press('ArrowUp', { [held]: true })).toEqual({ kind: 'go', to: 3, way: 'look' });
    expect(press('a', { [held]: true })).toEqual({ kind: 'choose-all' });
    expect(press('A', { [held]: true })).toEqual({ kind: 'choose-all' });
    expect(press(' ', { [held]: true })).toEqual({ kind: 'toggle' });
    // Commands of the menu.
    for (const key of ['j', 'k', 'x', 'Enter']) expect(press(key, { [held]: true })).toBeNull();
  });

  it('reads, scrolls and toggles by plain keys', () => {
    expect(press('Enter')).toEqual({ kind: 'read' });
    expect(press(' ')).toEqual({ kind: 'scroll-on' });
    expect(press(' ', { shift: true })).toEqual({ kind: 'scroll-back' });
    expect(press('x')).toEqual({ kind: 'toggle' });
  });

  it('leaves Escape to others unless several are being chosen', () => {
    expect(press('Escape')).toBeNull();
    expect(press('Escape', {}, { ...place, isPicking: true })).toEqual({ kind: 'end-choice' });
  });

  it('takes no key with Alt, and none that is not its own', () => {
    for (const key of ['ArrowDown', 'Home', 'x', ' ', 'Enter']) expect(press(key, { alt: true })).toBeNull();
    for (const key of ['a', 'Tab', 'F2', 'Delete', 'toString']) expect(press(key)).toBeNull();
  });
});
