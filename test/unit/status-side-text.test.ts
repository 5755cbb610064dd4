import { describe, expect, it } from 'vitest';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';
import { Formats } from '../../renderer/text/formats.ts';
import { sideGroups, sideText, sideTone } from '../../renderer/status/side-text.ts';

const state = (accountId: number, side: 'primary' | 'relay', phase: SideSyncState['phase'] = 'watching') =>
  ({ accountId, side, phase, isConnected: phase === 'watching', error: null }) as SideSyncState;
const groupsOf = (...states: SideSyncState[]) =>
  sideGroups(states, (one) => one.phase).map(({ first, text, count, isAll }) => `${first.side} ${text} ${count}${isAll ? ' all' : ''}`);

describe('the servers in the status strip', () => {
  it.each([
    ['en', en, 'does not answer'],
    ['de', de, 'antwortet nicht'],
  ] as const)('that fell silent in the middle of a connection are not told as connected (%s)', (_language, words, silent) => {
    for (const phase of ['watching', 'listing', 'headers', 'bodies'] as const) {
      const one = { ...state(1, 'primary', phase), isConnected: false };
      expect(sideText(one, words.status, new Formats('de-DE'), true)).toBe(silent);
      expect(sideTone(one)).toBe('warn');
    }
    expect(sideTone(state(1, 'primary'))).toBe('ok');
  });

  it('are told one by one where there is one account', () => {
    expect(groupsOf(state(1, 'primary'), state(1, 'relay'))).toEqual(['primary watching 1 all', 'relay watching 1 all']);
  });
  it('of several accounts are told once where they do the same, mail servers first', () => {
    expect(groupsOf(state(1, 'relay'), state(2, 'primary'), state(1, 'primary'), state(2, 'relay'))).toEqual([
      'primary watching 2 all',
      'relay watching 2 all',
    ]);
  });
  it('that do something else than the others are told apart', () => {
    expect(groupsOf(state(1, 'primary'), state(2, 'primary', 'connecting'), state(3, 'primary'), state(3, 'relay'))).toEqual([
      'primary watching 2',
      'primary connecting 1',
      'relay watching 1 all',
    ]);
  });
});
