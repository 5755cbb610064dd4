import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTally, reportCases } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { RateClock } from '../support/rate-clock.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';
import { childFile } from './build-children.ts';
import { runChild } from './run-child.ts';
import { expectedOf, runToRest, type OutboxTask } from './outbox-world.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
/** Kills a mode: with the full run each point many times over. */
const KILLS = Number(process.env['HOLDOVER_KILLS'] ?? (isFull ? 600 : 2));
const SHOWN_WITHIN_MS = 5_000;
const CLOCK_RATE = 300;
const LANES = 4;

let runs = 0;
const scratch = mkdtempSync(join(tmpdir(), 'holdover-outbox-crash-'));
const tally = newTally();
const totals = { uncertain: 0, askedOfPerson: 0, slowestShownMs: 0 };
const places = new Map<string, number>();
const keep = (sessionWrapped: Parameters<Parameters<typeof runToRest>[2]>[0]) => sessionWrapped;

/** Servers of their own for each run that is under way: most of a run is waiting for the next try. */
class Lane {
  hasCopies = true;
  readonly smtp: SmtpScript;
  readonly primary: ImapScript;
  readonly relay: ImapScript;

  private constructor(smtp: SmtpScript, primary: ImapScript, relay: ImapScript) {
    this.smtp = smtp;
    this.primary = primary;
    this.relay = relay;
  }

  static async open(): Promise<Lane> {
    const [primary, relay] = [await startImapScript(), await startImapScript()];
    for (const server of [primary, relay]) server.store.create('Sent', { specialUse: '\\Sent' });
    const smtp = await startSmtpScript({
      reply: (command) => lane.#replyTo(command),
      onMail: ({ raw }) => {
        if (lane.hasCopies) relay.store.get('Sent').add({ raw: Buffer.concat([Buffer.from('Received: by relay\r\n'), raw]) });
      },
    });
    const lane: Lane = new Lane(smtp, primary, relay);
    return lane;
  }

  async close(): Promise<void> {
    for (const one of [this.primary, this.relay, this.smtp]) await one.close();
  }

  /** How often each recipient of a mail got it. */
  arrivals(messageId: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const mail of this.smtp.mails.filter(({ raw }) => raw.includes(messageId)))
      for (const to of mail.to) counts[to] = (counts[to] ?? 0) + 1;
    return counts;
  }

  copiesOf(messageId: string): number {
    return this.primary.store.get('Sent').messages.filter(({ raw }) => raw.includes(messageId)).length;
  }

  /** Puts one recipient off once a mail, and refuses another for good. */
  #replyTo({ name, args, connection }: { name: string; args: string; connection: number }): string | undefined {
    if (name !== 'RCPT') return undefined;
    if (args.includes('gone@')) return '550 5.1.1 no such person';
    if (!args.includes('slow@')) return undefined;
    const isAlone = !this.smtp.commands.some((one) => one.connection === connection && one.name === 'RCPT' && one.args.includes('a@'));
    return isAlone ? undefined : '450 4.2.1 later';
  }
}

const lanes: Lane[] = [];
beforeAll(async () => {
  for (let n = 0; n < LANES; n += 1) lanes.push(await Lane.open());
});
afterAll(async () => {
  for (const lane of lanes) await lane.close();
  rmSync(scratch, { recursive: true, force: true });
  reportCases('O1 and O2 kills of the outbox', tally, { ...totals, points: places.size, seed, mode: isFull ? 'full' : 'sample' });
});

/** What the process told before its end. */
async function killedAt(task: OutboxTask) {
  const { out, ...ended } = await runChild(childFile('outbox'), task);
  const kept = [...out.matchAll(/^kept (.+)$/gmu)].map((one) => one[1] ?? '');
  return { ...ended, kept, place: /killed at (.+)/u.exec(out)?.[1] ?? '' };
}

/** Opens what the killed process left, lets it recover, and decides like a person what is left uncertain. */
async function recover(lane: Lane, task: OutboxTask): Promise<void> {
  const clock = new RateClock();
  clock.rate = CLOCK_RATE;
  const place = { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') };
  const rig = new OutboxRig({ primary: task.smtp, relay: task.smtp, clock, seed: task.run, place });
  rig.route = { side: 'relay', hold: null };
  try {
    const before = lane.smtp.mails.length;
    const startedAt = performance.now();
    rig.outbox.start();
    const unknown = rig.outbox.items().filter((item) => item.state === 'unknown');
    totals.slowestShownMs = Math.max(totals.slowestShownMs, Math.round(performance.now() - startedAt));
    totals.uncertain += unknown.length;
    await runToRest(rig, task.imap, keep);
    const left = rig.outbox.items().filter((item) => item.state === 'unknown');
    // Whatever left since is not one of the uncertain: none of them is sent again by itself.
    for (const item of left) expect(lane.smtp.mails.slice(before).filter(({ raw }) => raw.includes(item.messageId))).toEqual([]);
    for (const item of left) {
      totals.askedOfPerson += 1;
      const uncertain = item.recipients.filter((one) => one.state === 'unknown').map((one) => one.address);
      if (uncertain.some((one) => lane.arrivals(item.messageId)[one] !== undefined)) rig.outbox.markSent(item.id);
      else rig.outbox.resend(item.id);
    }
    await runToRest(rig, task.imap, keep);
    const rows = rig.store.inStates(rig.account.id, ['queued', 'submitting', 'accepted', 'unknown', 'rejected', 'quarantined']);
    tally.stuck += rows.length;
    expect(rows.map((row) => [row.state, row.hold, row.error?.code])).toEqual([]);
  } finally {
    await rig.stop();
  }
}

async function play(lane: Lane, crashAt: number) {
  const run = (runs += 1);
  const dir = mkdtempSync(join(scratch, 'p-'));
  const imap = { primary: lane.primary.port, relay: lane.relay.port };
  const task = { dir, keyHex: randomBytes(32).toString('hex'), smtp: lane.smtp.port, imap, run, crashAt };
  const ended = await killedAt(task);
  await until('the server has seen the end', () => lane.smtp.openConnections === 0);
  if (ended.signal === 'SIGKILL') {
    tally.cases += 1;
    places.set(ended.place, (places.get(ended.place) ?? 0) + 1);
    await recover(lane, task);
  }
  for (const [messageId, recipients] of Object.entries(expectedOf(run))) {
    const got = lane.arrivals(messageId);
    const copies = lane.copiesOf(messageId);
    const isKept = ended.kept.includes(messageId);
    // A mail whose keeping was never confirmed may be there or not; whole, or not at all.
    if (!isKept && Object.keys(got).length === 0 && copies === 0) continue;
    const wanted = Object.fromEntries(recipients.map((one) => [one, 1]));
    for (const one of recipients) tally.lost += got[one] === undefined ? 1 : 0;
    for (const count of [...Object.values(got), copies]) tally.duplicated += Math.max(0, count - 1);
    expect([got, copies], `killed at ${ended.place} (${crashAt})`).toEqual([wanted, 1]);
  }
  rmSync(dir, { recursive: true, force: true });
  return ended;
}

describe.each([
  { name: 'with copies at the relay (O1)', copies: true },
  { name: 'without (O2)', copies: false },
])('a kill at any point, $name', ({ copies }) => {
  it('loses no mail and sends none twice', { timeout: isFull ? 7_200_000 : 120_000 }, async () => {
    for (const lane of lanes) lane.hasCopies = copies;
    const whole = await play(lanes[0]!, 0);
    expect(whole.steps, whole.stderr).toBeGreaterThan(50);
    const random = seededRandom(seed + (copies ? 1 : 0));
    const all = Array.from({ length: whole.steps }, (_, n) => n + 1);
    // Every point in turn, in an order of chance, as often as there are kills to make.
    const chosen = Array.from({ length: Math.ceil(KILLS / all.length) }, () => random.shuffle(all))
      .flat()
      .slice(0, KILLS);
    const queue = sliceOf(chosen);
    await Promise.all(
      lanes.map(async (lane) => {
        for (let crashAt = queue.shift(); crashAt !== undefined; crashAt = queue.shift()) await play(lane, crashAt);
      }),
    );
    expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    expect(totals.slowestShownMs).toBeLessThan(SHOWN_WITHIN_MS);
  });
});
