import { describe, expect, it } from 'vitest';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { sideGroups } from '../../renderer/status/side-text.ts';

const state = (accountId: number, side: 'primary' | 'relay', phase: SideSyncState['phase'] = 'watching') =>
  ({ accountId, side, phase, error: null }) as SideSyncState;
const groupsOf = (...states: SideSyncState[]) =>
  sideGroups(states, (one) => one.phase).map(({ first, text, count, isAll }) => `${first.side} ${text} ${count}${isAll ? ' all' : ''}`);

describe('the servers in the status strip', () => {
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
