import { expect } from 'vitest';
import type { GmailSetting } from './gmail-world.ts';
import { buildMail } from './mail-builder.ts';

export const mail = (name: string, from = 'Anna <anna@partner.example.org>'): Buffer =>
  buildMail({ from, subject: name, messageId: `<${name}@partner.example.org>`, text: `Text of ${name}.\n` });

export const fine = { code: 0, totals: { missing: 0, surplus: 0, datesDiffer: 0, bytesDiffer: 0, bodyMissing: 0, flagsDiffer: 0 } };
/** Starred and Important are views: what stands there is not asked. */
export const places = async (s: GmailSetting, subject: string): Promise<string[]> =>
  (await s.places(subject)).filter((one) => !/^\[(?:Gmail|Google Mail)\]\/(?:Starred|Important|Markiert|Wichtig)/.test(one));
/** In which lists a mail is, and how often. */
export const lists = (s: GmailSetting, subject: string): string[] =>
  s.rig.engine.store.mailboxes
    .list(s.rig.accountId, 'primary')
    .flatMap(({ path }) => s.list(path).flatMap((one) => (one === subject ? [path] : [])))
    .sort();
export const hits = (s: GmailSetting, text: string): number => s.rig.engine.store.search.query(text, { limit: 50 }).entryIds.length;
export const recoverable = (s: GmailSetting): string[] => s.rig.recoverable().map((row) => row.subject);

/** Everything was carried over, nothing refused; the mail is one, shown in these lists, and stands there on the server. */
export async function expectAt(s: GmailSetting, subject: string, shown: readonly string[], standing: readonly string[]): Promise<void> {
  await s.settle();
  expect([s.failed(), s.openCount()]).toEqual([[], 0]);
  expect({ shown: lists(s, subject), standing: await places(s, subject), entries: s.entryCount(subject) }).toEqual({
    ...{ shown: [...shown].sort(), standing: [...standing].sort(), entries: 1 },
  });
}
