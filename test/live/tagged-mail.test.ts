import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageRow } from '../../shared/model/message.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { buildMail, type MailFields } from '../support/mail-builder.ts';

/** A filter marks mail from outside on its way to one of the sides: in the subject, by a banner above the text, by a footer below. */

let primary: Dovecot;
let relay: Dovecot;
const users = Array.from({ length: 40 }, (_, n) => `user${n}`);
let next = 0;
beforeAll(async () => {
  [primary, relay] = await Promise.all([startDovecot({ users }), startDovecot({ users })]);
});
afterAll(() => Promise.all([primary.dispose(), relay.dispose()]));

const TEXT = 'Dear Eva,\n\nthe budget is approved.\n\nMax\n';
const HTML = '<p>Dear Eva,</p><p>the budget is <b>approved</b>.</p><p>Max</p>';
const pdf = { fileName: 'budget.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.7 budget') };
const mail = (fields: MailFields = {}): Buffer =>
  buildMail({ subject: 'Budget', messageId: '<budget@partner.example.org>', text: TEXT, attachments: [pdf], ...fields });

/** Rows of the inbox after both sides were looked at. */
async function rowsOf(
  atPrimary: readonly Buffer[],
  atRelay: readonly Buffer[],
  order: 'primary first' | 'relay first',
): Promise<readonly MessageRow[]> {
  const user = `user${next++}`;
  const password = `pw-${user}`;
  const [one, other] = [await primary.connect(user), await relay.connect(user)];
  const rig = await EngineRig.open({
    primary: { port: primary.imapPort, user, password },
    relay: { port: relay.imapPort, user, password },
  });
  const put = {
    primary: async () => {
      for (const raw of atPrimary) await one.append('INBOX', raw);
    },
    relay: async () => {
      for (const raw of atRelay) await other.append('INBOX', raw);
    },
  };
  try {
    await put[order === 'primary first' ? 'primary' : 'relay']();
    await rig.mirror();
    await put[order === 'primary first' ? 'relay' : 'primary']();
    await rig.mirror();
    await rig.mirror();
    return rig.rows('INBOX');
  } finally {
    await one.close();
    await other.close();
    await rig.close();
  }
}

const named = (rows: readonly MessageRow[]): string[] => rows.map(({ subject, sides }) => `${subject}: ${sides.join(' ')}`);

const orders = ['primary first', 'relay first'] as const;

describe.each(orders)('a mail that a filter has changed, %s', (order) => {
  it.each([
    ['its subject', mail({ subject: '[EXTERN] Budget' }), mail(), '[EXTERN] Budget'],
    ['a banner above its text', mail({ text: `CAUTION: from outside.\n\n${TEXT}` }), mail(), 'Budget'],
    ['a banner in its HTML', mail({ html: `<table><tr><td>CAUTION</td></tr></table>${HTML}` }), mail({ html: HTML }), 'Budget'],
    ['a footer at the relay', mail(), mail({ text: `${TEXT}\n\nExample GmbH, Kiel\n\nConfidential.\n` }), 'Budget'],
    ['all of it', mail({ subject: '[EXT] Budget', text: `CAUTION\n\n${TEXT}\n\nFooter\n` }), mail(), '[EXT] Budget'],
  ])('is one mail, as the primary has it: %s', async (_what, atPrimary, atRelay, subject) => {
    expect(named(await rowsOf([atPrimary], [atRelay], order))).toEqual([`${subject}: primary relay`]);
  });

  it.each([
    ['another text', mail({ text: TEXT.replace('approved', 'refused') })],
    ['another file', mail({ attachments: [{ ...pdf, content: Buffer.from('%PDF-1.7 another budget') }] })],
    ['no file', mail({ attachments: [] })],
    ['another subject', mail({ subject: 'Budget 2027' })],
    ['another sender', mail({ from: 'Max <max@other.example.org>' })],
    ['another date', mail({ date: Date.UTC(2025, 0, 15, 9, 30, 1) })],
  ])('is two with %s', async (_what, atRelay) => {
    const rows = await rowsOf([mail()], [atRelay], order);
    expect(rows.map(({ sides }) => sides.join(' ')).sort()).toEqual(['primary', 'relay']);
  });

  it('is not taken for another one that has the same Message-ID', async () => {
    const forged = mail({ text: 'Please pay to another account.\n', attachments: [] });
    const tagged = mail({ subject: '[EXTERN] Budget' });
    for (const atRelay of [
      [mail(), forged],
      [forged, mail()],
    ]) {
      const rows = await rowsOf([tagged], atRelay, order);
      // Listed for itself, whatever came of the other two.
      expect(rows.filter(({ preview }) => preview.startsWith('Please pay')).map(({ sides }) => sides)).toEqual([['relay']]);
      expect(rows.filter(({ sides }) => sides.includes('primary')).map(({ subject }) => subject)).toEqual(['[EXTERN] Budget']);
    }
  });
});
