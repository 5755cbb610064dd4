import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { RateClock } from '../support/rate-clock.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';
import { buildChild } from './build-child.ts';
import { runChild } from './run-child.ts';
import { expectedOf, runToRest, type OutboxTask } from './outbox-world.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
/** Kills a mode: with the full run each point many times over. */
const KILLS = Number(process.env['HOLDOVER_KILLS'] ?? (isFull ? 600 : 2));
const SHOWN_WITHIN_MS = 5_000;
const CLOCK_RATE = 300;

let childFile: string;
let smtp: SmtpScript;
let primary: ImapScript;
let relay: ImapScript;
let hasCopies = true;
let runs = 0;
const scratch = mkdtempSync(join(tmpdir(), 'holdover-outbox-crash-'));
const totals = { kills: 0, lost: 0, doubled: 0, stuck: 0, uncertain: 0, askedOfPerson: 0, slowestShownMs: 0 };
const places = new Map<string, number>();
const keep = (sessionWrapped: Parameters<Parameters<typeof runToRest>[2]>[0]) => sessionWrapped;

/** Puts one recipient off once a mail, and refuses another for good. */
function replyTo({ name, args, connection }: { name: string; args: string; connection: number }): string | undefined {
  if (name !== 'RCPT') return undefined;
  if (args.includes('gone@')) return '550 5.1.1 no such person';
  if (!args.includes('slow@')) return undefined;
  const isAlone = !smtp.commands.some((one) => one.connection === connection && one.name === 'RCPT' && one.args.includes('a@'));
  return isAlone ? undefined : '450 4.2.1 later';
}

beforeAll(async () => {
  childFile = await buildChild('test/crash/outbox-child.ts', 'outbox-child');
  primary = await startImapScript();
  relay = await startImapScript();
  for (const server of [primary, relay]) server.store.create('Sent', { specialUse: '\\Sent' });
  smtp = await startSmtpScript({
    reply: replyTo,
    onMail: ({ raw }) => {
      if (hasCopies) relay.store.get('Sent').add({ raw: Buffer.concat([Buffer.from('Received: by relay\r\n'), raw]) });
    },
  });
});
afterAll(async () => {
  for (const one of [primary, relay, smtp]) await one.close();
  rmSync(scratch, { recursive: true, force: true });
  const mode = isFull ? 'full' : 'sample';
  reportFigure('O1 and O2 kills of the outbox', { ...totals, points: places.size, seed, mode });
});

/** What the process told before its end. */
async function killedAt(task: OutboxTask) {
  const { out, ...ended } = await runChild(childFile, task);
  const kept = [...out.matchAll(/^kept (.+)$/gmu)].map((one) => one[1] ?? '');
  return { ...ended, kept, place: /killed at (.+)/u.exec(out)?.[1] ?? '' };
}

/** How often each recipient of a mail got it. */
const arrivals = (messageId: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const mail of smtp.mails.filter(({ raw }) => raw.includes(messageId))) for (const to of mail.to) counts[to] = (counts[to] ?? 0) + 1;
  return counts;
};
const copiesOf = (messageId: string): number => primary.store.get('Sent').messages.filter(({ raw }) => raw.includes(messageId)).length;

/** Opens what the killed process left, lets it recover, and decides like a person what is left uncertain. */
async function recover(task: OutboxTask): Promise<void> {
  const clock = new RateClock();
  clock.rate = CLOCK_RATE;
  const place = { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') };
  const rig = new OutboxRig({ primary: task.smtp, relay: task.smtp, clock, seed: task.run, place });
  rig.route = { side: 'relay', hold: null };
  try {
    const before = smtp.mails.length;
    const startedAt = performance.now();
    rig.outbox.start();
    const unknown = rig.outbox.items().filter((item) => item.state === 'unknown');
    totals.slowestShownMs = Math.max(totals.slowestShownMs, Math.round(performance.now() - startedAt));
    totals.uncertain += unknown.length;
    await runToRest(rig, task.imap, keep);
    const left = rig.outbox.items().filter((item) => item.state === 'unknown');
    // Whatever left since is not one of the uncertain: none of them is sent again by itself.
    for (const item of left) expect(smtp.mails.slice(before).filter(({ raw }) => raw.includes(item.messageId))).toEqual([]);
    for (const item of left) {
      totals.askedOfPerson += 1;
      const uncertain = item.recipients.filter((one) => one.state === 'unknown').map((one) => one.address);
      if (uncertain.some((one) => arrivals(item.messageId)[one] !== undefined)) rig.outbox.markSent(item.id);
      else rig.outbox.resend(item.id);
    }
    await runToRest(rig, task.imap, keep);
    const rows = rig.store.inStates(rig.account.id, ['queued', 'submitting', 'accepted', 'unknown', 'rejected', 'quarantined']);
    totals.stuck += rows.length;
    expect(rows.map((row) => [row.state, row.hold, row.error?.code])).toEqual([]);
  } finally {
    await rig.stop();
  }
}

async function play(crashAt: number) {
  runs += 1;
  const dir = mkdtempSync(join(scratch, 'p-'));
  const imap = { primary: primary.port, relay: relay.port };
  const task = { dir, keyHex: randomBytes(32).toString('hex'), smtp: smtp.port, imap, run: runs, crashAt };
  const ended = await killedAt(task);
  await until('the server has seen the end', () => smtp.openConnections === 0);
  if (ended.signal === 'SIGKILL') {
    totals.kills += 1;
    places.set(ended.place, (places.get(ended.place) ?? 0) + 1);
    await recover(task);
  }
  for (const [messageId, recipients] of Object.entries(expectedOf(runs))) {
    const got = arrivals(messageId);
    const isKept = ended.kept.includes(messageId);
    // A mail whose keeping was never confirmed may be there or not; whole, or not at all.
    if (!isKept && Object.keys(got).length === 0 && copiesOf(messageId) === 0) continue;
    const wanted = Object.fromEntries(recipients.map((one) => [one, 1]));
    for (const one of recipients) totals.lost += got[one] === undefined ? 1 : 0;
    for (const count of [...Object.values(got), copiesOf(messageId)]) totals.doubled += Math.max(0, count - 1);
    expect([got, copiesOf(messageId)], `killed at ${ended.place} (${crashAt})`).toEqual([wanted, 1]);
  }
  rmSync(dir, { recursive: true, force: true });
  return ended;
}

describe.each([
  { name: 'with copies at the relay (O1)', copies: true },
  { name: 'without (O2)', copies: false },
])('a kill at any point, $name', ({ copies }) => {
  it('loses no mail and sends none twice', { timeout: isFull ? 7_200_000 : 120_000 }, async () => {
    hasCopies = copies;
    const whole = await play(0);
    expect(whole.steps, whole.stderr).toBeGreaterThan(50);
    const random = seededRandom(seed + (copies ? 1 : 0));
    const all = Array.from({ length: whole.steps }, (_, n) => n + 1);
    // Every point in turn, in an order of chance, as often as there are kills to make.
    const chosen = Array.from({ length: Math.ceil(KILLS / all.length) }, () => random.shuffle(all)).flat();
    for (const crashAt of chosen.slice(0, KILLS)) await play(crashAt);
    expect(totals).toMatchObject({ lost: 0, doubled: 0, stuck: 0 });
    expect(totals.slowestShownMs).toBeLessThan(SHOWN_WITHIN_MS);
  });
});
