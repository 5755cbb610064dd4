import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAll } from '../../main/cli/verify.ts';
import { dateOf, messageIdOf, sourceOf } from '../crash/world.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapProxy, type ImapProxy } from '../support/imap-proxy.ts';
import { RewritingProxy } from '../support/rewriting-proxy.ts';
import type { SecondClient } from '../support/second-client.ts';

/** What `verify` says when something really differs: each count is brought about on purpose, and only that one may move. */
const ids = ['a', 'b', 'c', 'd'];
const messages = ids.length + 1;

/** So large, and so random, that it lies in a pack. */
function withAttachment(): Buffer {
  const lines = randomBytes(40_000)
    .toString('base64')
    .replace(/(.{76})/gu, '$1\r\n');
  const head = `Subject: large\r\nMessage-ID: ${messageIdOf('large')}\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf`;
  return Buffer.from(`${head}\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`);
}

interface Verified {
  readonly code: number;
  readonly totals: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

const COUNTS = [
  ...['missing', 'surplus', 'flagsDiffer', 'datesDiffer', 'bytesDiffer', 'bodyMissing', 'tooLarge', 'unreadable'],
  ...['mailboxesNotHere', 'mailboxesNotOnServer'],
];

let server: Dovecot;
let rewriting: RewritingProxy;
let proxy: ImapProxy;
let client: SecondClient;
let rig: EngineRig;

beforeAll(async () => {
  server = await startDovecot({ users: ['alice'], mailboxes: usualMailboxes });
  rewriting = await RewritingProxy.start(server.imapPort);
  proxy = await startImapProxy({ upstreamPort: rewriting.port });
  client = await server.connect();
  for (const id of ids) await client.append('INBOX', sourceOf({ id, path: 'INBOX' }, 'primary'), { internalDate: dateOf(1) });
  await client.append('INBOX', withAttachment(), { internalDate: dateOf(1) });
  rig = await EngineRig.open({ primary: { port: proxy.port, user: 'alice', password: server.user().password } });
  await rig.mirror();
});
afterAll(async () => {
  await rig.close();
  await client.close();
  await proxy.close();
  rewriting.close();
  await server.dispose();
  reportFigure('verify', { countsProvoked: provoked.size, of: COUNTS.length });
});

async function verify(): Promise<Verified> {
  let printed = '';
  const code = await verifyAll(rig.engine, { print: (text) => (printed += text), isJson: true });
  const { mailboxes, totals } = JSON.parse(printed) as { mailboxes: { error: string | null }[]; totals: Record<string, number> };
  return { code, totals, errors: mailboxes.flatMap(({ error }) => (error === null ? [] : [error])) };
}

async function uidOf(id: string): Promise<number> {
  await client.select('INBOX');
  const [uid] = await client.uids(`HEADER Message-ID "${messageIdOf(id)}"`);
  return uid!;
}

/** Changes the row of a message here, behind the engine's back; gives the way to undo it. */
function tamper(id: string, set: string): () => void {
  const { db } = rig.engine.store.handle;
  const where = 'message_id = ?';
  const before = db
    .prepare(`SELECT internal_date, size_bytes, flags, body_state, source_id FROM placements WHERE ${where}`)
    .get(messageIdOf(id));
  db.prepare(`UPDATE placements SET ${set} WHERE ${where}`).run(messageIdOf(id));
  return () => {
    const undo =
      'internal_date = @internal_date, size_bytes = @size_bytes, flags = @flags, body_state = @body_state, source_id = @source_id';
    db.prepare(`UPDATE placements SET ${undo} WHERE message_id = '${messageIdOf(id)}'`).run(before);
  };
}

/** Every answer goes through this from the next verify on. */
function rewrite(edit: (text: string) => string): () => void {
  rewriting.rewrite = (chunk) => Buffer.from(edit(chunk.toString('latin1')), 'latin1');
  return () => void (rewriting.rewrite = null);
}

const nothing = (): void => undefined;

interface Case {
  readonly name: string;
  /** Counts that are not 0 then; `equal` of all messages less one where it is not said. */
  readonly counts: Readonly<Record<string, number>>;
  /** The exit code stays 0. */
  readonly isFine?: boolean;
  /** Does the harm; gives what undoes it where a look at the server cannot. */
  readonly harm: () => Promise<() => void> | (() => void);
  readonly errors?: readonly string[];
  /** Messages after the remedy, where it is another number. */
  readonly left?: number;
}

const cases: readonly Case[] = [
  {
    name: 'a mail that is not here',
    counts: { missing: 1, onServer: messages + 1, equal: messages },
    left: messages + 1,
    harm: async () => {
      await client.append('INBOX', sourceOf({ id: 'new', path: 'INBOX' }, 'primary'), { internalDate: dateOf(1) });
      return nothing;
    },
  },
  {
    name: 'a mail that is gone there',
    counts: { surplus: 1, equal: messages },
    harm: async () => {
      await client.expunge([await uidOf('new')]);
      return nothing;
    },
  },
  {
    name: 'another flag there',
    counts: { flagsDiffer: 1 },
    harm: async () => {
      await client.store([await uidOf('a')], '+', ['\\Answered']);
      return nothing;
    },
  },
  { name: 'another flag here', counts: { flagsDiffer: 1 }, harm: () => tamper('a', "flags = '\\seen'") },
  { name: 'another date here', counts: { datesDiffer: 1 }, harm: () => tamper('b', 'internal_date = internal_date - 1000') },
  {
    name: 'the bytes of another mail here',
    counts: { bytesDiffer: 1 },
    harm: () => tamper('c', `source_id = (SELECT source_id FROM placements WHERE message_id = '${messageIdOf('d')}')`),
  },
  {
    name: 'bytes that are damaged here',
    counts: { bytesDiffer: 1 },
    harm: () => {
      const folder = join(rig.dir, 'mail.db.packs');
      const [name] = readdirSync(folder);
      const file = join(folder, name!);
      const before = readFileSync(file);
      const after = Buffer.from(before);
      after[after.length - 50]! ^= 1;
      writeFileSync(file, after);
      return () => writeFileSync(file, before);
    },
  },
  {
    name: 'a body that is not here',
    counts: { bodyMissing: 1 },
    harm: () => (tamper('d', "body_state = 'missing', source_id = NULL"), nothing),
  },
  {
    name: 'two differences of one mail',
    counts: { flagsDiffer: 1, datesDiffer: 1 },
    harm: () => tamper('a', "flags = '', internal_date = 1000"),
  },
  {
    name: 'a mail larger than is ever fetched',
    counts: { tooLarge: 1 },
    isFine: true,
    harm: () => tamper('d', "body_state = 'too-large'"),
  },
  {
    name: 'a mail that the server does not describe',
    counts: { unreadable: 1, onServer: messages - 1 },
    harm: async () => {
      const uid = await uidOf('b');
      return rewrite((text) => text.replace(new RegExp(`(\\(UID ${uid} FLAGS \\([^)]*\\)[^\\r\\n]*?) RFC822.SIZE \\d+`, 'gu'), '$1'));
    },
  },
  {
    name: 'a mail whose bytes the server does not give',
    counts: { unreadable: 1 },
    harm: async () => {
      const uid = await uidOf('b');
      return rewrite((text) => text.replace(new RegExp(`(UID ${uid} BODY\\[\\](?:<0>)?) \\{`, 'gu'), '$1 NIL X {'));
    },
  },
  {
    name: 'a mailbox that is not here',
    counts: { mailboxesNotHere: 1, missing: 1, onServer: messages + 1, equal: messages },
    left: messages + 1,
    harm: async () => {
      await client.create('New');
      await client.subscribe('New');
      await client.append('New', sourceOf({ id: 'new', path: 'New' }, 'primary'), { internalDate: dateOf(1) });
      return nothing;
    },
  },
  {
    name: 'a mailbox that is gone there',
    counts: { mailboxesNotOnServer: 1, surplus: 1, equal: messages },
    harm: async () => {
      await client.delete('New');
      return nothing;
    },
  },
  {
    name: 'a mailbox that cannot be opened',
    counts: { onServer: 0, equal: 0 },
    errors: ['command-refused'],
    harm: () => proxy.refuse({ command: 'EXAMINE', args: 'INBOX', nth: 'every', reply: 'NO [NOPERM] not now' }),
  },
];

const provoked = new Set<string>();
const zeros = Object.fromEntries(COUNTS.map((name) => [name, 0]));

describe('verify', () => {
  it.each(cases)(
    'tells $name, ends with an error, and all is well after the remedy',
    async ({ counts, errors = [], isFine, harm, left = messages }) => {
      const undo = await harm();
      const found = await verify();
      expect(found.totals).toMatchObject({ ...zeros, onServer: messages, equal: messages - 1, ...counts });
      expect(found.errors).toEqual(errors);
      expect(found.code).toBe(isFine ? 0 : 1);
      for (const name of COUNTS) if (found.totals[name]! > 0) provoked.add(name);
      undo();
      await rig.mirror();
      const after = await verify();
      expect(after.totals).toMatchObject({ ...zeros, onServer: left, equal: left });
      expect(after).toMatchObject({ code: 0, errors: [] });
    },
  );

  it('has been seen to tell every kind of difference', () => {
    expect([...provoked].sort()).toEqual([...COUNTS].sort());
  });
});
