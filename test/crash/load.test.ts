import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { asDraftId, asEntryId, asOutboxId } from '../../shared/model/ids.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { profileMail } from '../support/script-profile.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';

const KILLS = isFull ? 1_000 : 5;
const REOPEN_MS = 2_000;
/** A life ends this long after so many things were told, whatever the machine has to do besides. */
const MOST_FACTS = 16;
const LONGEST_AFTER_MS = 60;
/** New mail for each life, so that there is something to mirror. */
const ARRIVING = 25;
const HOUR_MS = 3_600_000;

type Told = { draft: number; version: number } | { mail: number; subject: string } | { entry: number; isFlagged: boolean };

let imap: ImapScript;
let smtp: SmtpScript;
let rig: EngineRig | undefined;
let arrived = 0;

function arrive(): void {
  const inbox = imap.store.get('INBOX');
  for (let n = 0; n < ARRIVING; n += 1) {
    arrived += 1;
    const raw = n % 5 === 0 ? `${profileMail(`m${arrived}`)}${'A line of a longer mail.\r\n'.repeat(600)}` : profileMail(`m${arrived}`);
    inbox.add({ raw, internalDate: Math.floor(Date.now() / 1000) * 1000 - HOUR_MS });
  }
}

const place = () => ({ dir: rig!.dir, key: rig!.key });
const servers = () => ({ primary: { port: imap.port, smtpPort: smtp.port, user: 'alice', password: 'pw-alice' } });

beforeAll(async () => {
  imap = await startImapScript();
  smtp = await startSmtpScript({ keepsBodies: false });
  for (const [path, specialUse] of Object.entries({ Sent: '\\Sent', Drafts: '\\Drafts' })) imap.store.create(path, { specialUse });
  await anew();
});
afterAll(async () => {
  rmSync(place().dir, { recursive: true, force: true });
  await imap.close();
  await smtp.close();
});

/** Runs the child, and kills it this long after it told so many things. */
function killedAfter(run: number, facts: number, ms: number): Promise<Told[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [childFile('load')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    let isEnding = false;
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString();
      if (isEnding || out.split('\n').length <= facts) return;
      isEnding = true;
      setTimeout(() => child.kill('SIGKILL'), ms);
    });
    child.on('close', () => resolve(out.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Told))); // prettier-ignore
    child.stdin.end(JSON.stringify({ servers: servers(), dir: place().dir, keyHex: Buffer.from(place().key).toString('hex'), run }));
  });
}

/** Opens what was left as the next start does, and looks for what was told. */
function reopen(told: readonly Told[]): { ms: number; lost: Told[]; integrity: unknown[] } {
  const startedAt = performance.now();
  const { handle, outboxHandle } = openProfileStores({ ...place(), clock: systemClock, log: silentLog, create: false });
  const ms = performance.now() - startedAt;
  try {
    const store = createEngineStore(handle, outboxHandle);
    const flagged = new Map(told.flatMap((one) => ('entry' in one ? [[one.entry, one.isFlagged] as const] : [])));
    const sent = new Set(store.outbox.shown(0).map((one) => one.id));
    const isKept = (one: Told): boolean => {
      if ('mail' in one) return sent.has(asOutboxId(one.mail));
      if ('entry' in one) return store.lists.detail(asEntryId(one.entry))?.row.isFlagged === flagged.get(one.entry);
      const draft = store.drafts.find(asDraftId(one.draft));
      // What was sent is a draft no more; its mail was told, or was about to be.
      return draft === null ? store.outbox.shown(0).some((mail) => mail.draftId === asDraftId(one.draft)) : draft.version >= one.version;
    };
    const integrity = [handle, outboxHandle].map(({ db }) => db.pragma('integrity_check', { simple: true }));
    return { ms, lost: told.filter((one) => !isKept(one)), integrity };
  } finally {
    handle.close();
    outboxHandle.close();
  }
}

it('keeps what was told through kill -9 while it mirrors, sends and is read (S3)', { timeout: isFull ? 7_200_000 : 240_000 }, async () => {
  const random = seededRandom(seed);
  const tally = newTally();
  const told = { mails: 0, drafts: 0, flags: 0 };
  let slowestMs = 0;
  for (let n = 0; n < KILLS; n += 1) {
    if (n > 0 && n % 100 === 0) await anew();
    arrive();
    const facts = await killedAfter(n, random.int(1, MOST_FACTS), random.int(0, LONGEST_AFTER_MS));
    told.mails += facts.filter((one) => 'mail' in one).length;
    told.drafts += facts.filter((one) => 'draft' in one).length;
    told.flags += facts.filter((one) => 'entry' in one).length;
    const { ms, lost, integrity } = reopen(facts);
    slowestMs = Math.max(slowestMs, ms);
    tally.cases += 1;
    tally.lost += lost.length;
    expect(lost, `kill ${n}`).toEqual([]);
    expect(integrity, `kill ${n}`).toEqual(['ok', 'ok']);
    expect(ms, `kill ${n}`).toBeLessThan(REOPEN_MS);
  }
  expect(Math.min(...Object.values(told)), JSON.stringify(told)).toBeGreaterThan(0);
  reportCases('S3 kill -9 under load', tally, { ...told, slowestReopenMs: Math.round(slowestMs), integrityChecks: 2 * tally.cases, seed });
});

/** A fresh profile on the same servers: what is checked is kills, not growth. */
async function anew(): Promise<void> {
  if (rig) rmSync(rig.dir, { recursive: true, force: true });
  for (const path of ['INBOX', 'Sent', 'Drafts']) imap.store.get(path).messages = [];
  arrive();
  rig = await EngineRig.open(servers());
  await rig.mirror();
  await rig.engine.stop();
}
