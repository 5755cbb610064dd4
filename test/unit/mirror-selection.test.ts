import { describe, expect, it } from 'vitest';
import { effectiveRole, isMirrored, kindOf, passOrder } from '../../main/engine/mirror/mailbox-selection.ts';
import { isMassVanish } from '../../main/engine/mirror/vanish-guard.ts';
import type { MailboxRole } from '../../shared/model/mailbox.ts';

const none = { include: [], exclude: [] };
const mailbox = (role: MailboxRole, change = {}) => ({
  path: 'Box',
  role,
  isSubscribed: true,
  isSelectable: true,
  isMail: true,
  ...change,
});

describe('isMirrored', () => {
  it.each(['inbox', 'sent', 'drafts', 'archive', 'quarantine', 'other'] as const)('takes a subscribed %s', (role) => {
    expect(isMirrored(mailbox(role), none, true)).toBe(true);
  });
  it.each(['junk', 'trash', 'all', 'flagged'] as const)('leaves out %s', (role) => {
    expect(isMirrored(mailbox(role), none, true)).toBe(false);
  });
  it('takes INBOX and Sent even unsubscribed, other mailboxes not', () => {
    expect(isMirrored(mailbox('inbox', { isSubscribed: false }), none, true)).toBe(true);
    expect(isMirrored(mailbox('sent', { isSubscribed: false }), none, true)).toBe(true);
    expect(isMirrored(mailbox('other', { isSubscribed: false }), none, true)).toBe(false);
  });
  it('takes everything from a server that knows no subscriptions', () => {
    expect(isMirrored(mailbox('other', { isSubscribed: false }), none, false)).toBe(true);
  });
  it('leaves out what holds no mail, unless it is asked for', () => {
    expect(isMirrored(mailbox('other', { isMail: false }), none, true)).toBe(false);
    expect(isMirrored(mailbox('other', { isMail: false }), none, false)).toBe(false);
    expect(isMirrored(mailbox('other', { isMail: false }), { include: ['Box'], exclude: [] }, false)).toBe(true);
  });
  it('obeys include and exclude, exclude first', () => {
    expect(isMirrored(mailbox('trash'), { include: ['Box'], exclude: [] }, true)).toBe(true);
    expect(isMirrored(mailbox('inbox'), { include: ['Box'], exclude: ['Box'] }, true)).toBe(false);
  });
  it('never takes what cannot be selected', () => {
    expect(isMirrored(mailbox('other', { isSelectable: false }), { include: ['Box'], exclude: [] }, true)).toBe(false);
  });
});

describe('roles and kinds', () => {
  it('knows a quarantine on the relay only, by name or by setting', () => {
    expect(effectiveRole('Q', 'quarantine', 'relay', null)).toBe('quarantine');
    expect(effectiveRole('Q', 'quarantine', 'primary', null)).toBe('other');
    expect(effectiveRole('Held', 'other', 'relay', 'Held')).toBe('quarantine');
    expect(effectiveRole('Held', 'other', 'primary', 'Held')).toBe('other');
  });
  it('counts sent mail as outgoing and quarantine as quarantined', () => {
    expect([kindOf('sent'), kindOf('quarantine'), kindOf('inbox'), kindOf('archive')]).toEqual([
      'outgoing',
      'quarantined',
      'incoming',
      'incoming',
    ]);
  });
  it('passes the inbox first', () => {
    const order = (['other', 'archive', 'inbox', 'sent'] as const).toSorted((a, b) => passOrder(a) - passOrder(b));
    expect(order).toEqual(['inbox', 'sent', 'archive', 'other']);
  });
});

describe('isMassVanish', () => {
  it.each([
    [50, 60, false],
    [51, 60, true],
    [51, 255, false],
    [52, 255, true],
    [10, 10, false],
    [10_000, 10_000, true],
  ])('%i of %i: %s', (gone, known, expected) => {
    expect(isMassVanish(gone, known)).toBe(expected);
  });
});
