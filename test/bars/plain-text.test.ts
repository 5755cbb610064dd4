import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Log, LogEntry } from '../../main/engine/core/log.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { formsOf, hitsBelow, openToOthers } from '../support/plain-marks.ts';
import { isFull } from '../support/this-run.ts';

const MAILS = isFull ? 1000 : 120;
const DRAFTS = 20;
/** Begins every secret of this test, so that one look at a file finds any of them. */
const MARK = 'Zq7kanarienvogel';
const PASSWORD = `${MARK}password`;

const scratch = mkdtempSync(join(tmpdir(), 'holdover-canary-'));
const temp = join(scratch, 'tmp');
const lines: string[] = [];
const note = (entry: LogEntry): void => void lines.push(JSON.stringify(entry));
const log: Log = { debug: note, info: note, warn: note, error: note };

let server: Dovecot;
let canaries = 0;

function mail(n: number): Buffer {
  canaries += 4;
  const head = `From: ${MARK}name${n} <${MARK}from${n}@example.com>\r\nTo: alice@example.com\r\nSubject: ${MARK}subject${n}\r\nMessage-ID: <${MARK}id${n}@example.com>\r\nMIME-Version: 1.0\r\n`;
  const text = `Content-Type: text/plain; charset=utf-8\r\n\r\n${`${MARK}body${n} and other words\r\n`.repeat(20)}`;
  if (n % 4 !== 0) return Buffer.from(head + text);
  canaries += 2;
  const file = Buffer.from(`${MARK}file${n} `.repeat(400))
    .toString('base64')
    .replace(/(.{76})/gu, '$1\r\n');
  const part = `Content-Type: application/octet-stream; name="${MARK}file${n}.bin"\r\nContent-Disposition: attachment; filename="${MARK}file${n}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}`;
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${text}\r\n--b\r\n${part}\r\n--b--\r\n`);
}

beforeAll(async () => {
  mkdirSync(temp, { mode: 0o700 });
  server = await startDovecot({ users: { alice: PASSWORD } });
  await seedMailbox(
    server,
    'alice',
    'INBOX',
    Array.from({ length: MAILS }, (_, n) => ({ raw: mail(n) })),
  );
  await seedMailbox(
    server,
    'alice',
    'Drafts',
    Array.from({ length: DRAFTS }, (_, n) => ({ raw: mail(MAILS + n), flags: ['\\Draft'] })),
  );
  vi.stubEnv('TMPDIR', temp);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

const forms = formsOf(MARK);
const hits = (folder: string) => hitsBelow(folder, forms);

it('finds the mark where it stands in clear (the search itself)', () => {
  for (const encoding of ['utf8', 'utf16le'] as const)
    expect(forms.some((form) => Buffer.from(`x${MARK}x`, encoding).includes(form))).toBe(true);
  for (const shift of [0, 1, 2]) {
    const text = Buffer.from(Buffer.from(`${'a'.repeat(30 + shift)}${MARK} and more`).toString('base64'));
    expect(forms.some((form) => text.includes(form))).toBe(true);
  }
});

it(
  'S9: nothing readable in store, WAL, temp files and log; while it runs, as a crash leaves it, and after the end',
  { timeout: 300_000 },
  async () => {
    const rig = await EngineRig.open({ primary: { port: server.imapPort, user: 'alice', password: PASSWORD }, log });
    await rig.mirror();
    expect(rig.rows('INBOX')).toHaveLength(MAILS);
    const { search, sources, placements, mailboxes } = rig.engine.store;
    expect(search.query(`${MARK}body7`, { limit: 10 }).entryIds.length).toBeGreaterThan(0);
    rig.engine.actions.setFlag(
      rig
        .rows('INBOX')
        .slice(0, 20)
        .map((row) => row.id),
      'flagged',
      true,
    );
    for (const mailbox of mailboxes.list(rig.accountId, 'primary')) {
      for (const { sourceId } of placements.inMailbox(mailbox.id, 'present')) {
        if (sourceId !== null) for (const piece of sources.raw(sourceId)) expect(piece.byteLength).toBeGreaterThan(0);
      }
    }
    // A kill leaves exactly the files of a running process, WAL and all.
    const crashed = join(scratch, 'crashed');
    cpSync(rig.dir, crashed, { recursive: true });
    expect(readdirSync(crashed).some((name) => name.endsWith('-wal'))).toBe(true);
    const open = openToOthers(rig.dir);
    await rig.mirror();
    await rig.engine.stop();
    const looked = [hits(crashed), hits(rig.dir), hits(temp)];
    rmSync(rig.dir, { recursive: true, force: true });
    const inLog = lines.filter((line) => forms.some((form) => line.includes(form.toString('latin1'))));
    expect(looked.flatMap((one) => one.found)).toEqual([]);
    expect(inLog).toEqual([]);
    expect(open).toEqual([]);
    const files = looked.reduce((sum, one) => sum + one.files, 0);
    reportFigure('S9 plain text (engine)', { mails: MAILS + DRAFTS, canaries: canaries + 1, files, logLines: lines.length, found: 0 });
  },
);
