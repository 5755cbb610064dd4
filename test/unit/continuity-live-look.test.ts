import { describe, expect, it } from 'vitest';
import { packError, MailError, type ErrorCode } from '../../shared/errors.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { liveLook } from '../../main/engine/continuity/live-look.ts';

const error = (code: ErrorCode) => packError(new MailError(code, { scope: 'connection', retry: 'later' }));

const state = (phase: SideSyncState['phase'], isConnected: boolean, code: ErrorCode | null = null): SideSyncState => ({
  ...{ accountId: asAccountId(1), side: 'primary', phase, isConnected, error: code === null ? null : error(code) },
  ...{
    failedMailboxes: [],
    lastCompleteAt: null,
    completeSince: null,
    headersDone: 0,
    headersTotal: 0,
    bodiesDone: 0,
    bodiesTotal: 0,
    retryAt: null,
  },
});

/** The looks in a course of states, as the mirror tells them. */
function looks(...states: readonly SideSyncState[]): string[] {
  let before: SideSyncState | null = null;
  return states.flatMap((one) => {
    const look = liveLook(before, one);
    before = one;
    return look === null ? [] : [look.isGood ? 'good' : look.code];
  });
}

describe('what a mirror’s state says about its server', () => {
  it('is good when it connects, once', () => {
    expect(looks(state('connecting', false), state('connecting', true), state('listing', true), state('watching', true))).toEqual(['good']);
  });

  it('is one look when a connection ends, though it is told twice', () => {
    const course = [
      state('watching', true),
      state('watching', false, 'connection-lost'),
      state('waiting-to-retry', false, 'connection-lost'),
    ];
    expect(looks(...course)).toEqual(['good', 'connection-lost']);
  });

  it('is a look for each attempt that fails', () => {
    const course = [state('connecting', false), state('waiting-to-retry', false, 'connect-refused')];
    expect(looks(...course, ...course)).toEqual(['connect-refused', 'connect-refused']);
  });

  it('is a timeout when a watched server leaves a question unanswered, and good when it answers after all', () => {
    expect(looks(state('watching', true), state('watching', false), state('watching', true))).toEqual(['good', 'server-timeout', 'good']);
  });

  it('is a timeout with a command on its way, too', () => {
    const old = state('bodies', true, 'over-quota');
    expect(looks(old, { ...old, isConnected: false }, old)).toEqual(['good', 'server-timeout', 'good']);
  });

  it('is one look when the silent connection is given up', () => {
    const silent = [state('watching', true), state('watching', false), state('watching', false, 'server-timeout')];
    expect(looks(...silent, state('waiting-to-retry', false, 'server-timeout'))).toEqual(['good', 'server-timeout']);
  });

  it('is nothing when we stop', () => {
    expect(looks(state('watching', true), state('stopped', false))).toEqual(['good']);
  });

  it('is nothing about trouble with a mailbox', () => {
    expect(looks(state('watching', true), state('watching', true, 'mass-vanish-held'), state('listing', true, 'over-quota'))).toEqual([
      'good',
    ]);
  });
});
