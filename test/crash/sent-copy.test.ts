import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import { withBcc } from '../../main/engine/store/bcc-header.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { frozenMessage } from '../support/frozen.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { allCapabilities, startImapScript, type ImapScript, type PlannedFault, type ScriptMailbox } from '../support/imap-script.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';

const SAMPLE = 36;
const ROUND_MS = 12_000;
const ROUNDS = 60;

/** Breaks a connection after so many bytes of its next APPEND: what comes before reaches the server, what comes back does not. */
class AppendCutter {
  readonly #target: () => number;
  readonly #server: Server;
  /** Bytes of the command, its literal included, that still pass; `all`: everything, and the answer is swallowed. */
  cutAfter: number | 'all' | null = null;
  /** Connections broken. */
  cuts = 0;

  constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer((client) => this.#relay(client));
  }

  listen = (): Promise<void> => new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()));
  close = (): Promise<void> => new Promise((resolve) => this.#server.close(() => resolve()));
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #relay(client: Socket): void {
    const server = connect(this.#target(), '127.0.0.1');
    let left: number | null = null;
    let isSwallowing = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const one of [client, server]) one.on('error', end).on('close', end);
    server.on('data', (piece) => {
      // The continuation of the literal passes; the tagged answer is lost with the connection.
      if (isSwallowing && !piece.toString('latin1').startsWith('+')) setTimeout(end, 20);
      else client.write(piece);
    });
    client.on('data', (piece) => {
      const at = left === null && this.cutAfter !== null ? piece.indexOf(' APPEND ') : -1;
      if (at < 0 && left === null) return void server.write(piece);
      if (at >= 0) {
        isSwallowing = this.cutAfter === 'all';
        left = this.cutAfter === 'all' ? Infinity : at + (this.cutAfter ?? 0);
        this.cutAfter = null;
        this.cuts += 1;
      }
      const passing = piece.subarray(0, Math.min(piece.length, left ?? 0));
      left = (left ?? 0) - piece.length;
      server.write(passing, () => (left !== null && left <= 0 ? end() : undefined));
    });
  }
}

interface Case {
  readonly name: string;
  readonly capabilities?: readonly string[];
  readonly bcc?: readonly string[];
  readonly bytes?: number;
  readonly cut?: number | 'all';
  readonly fault?: PlannedFault;
  /** The server files a copy of its own so long after it accepted. */
  readonly ownCopyMs?: number;
  /** The server finishes the broken APPEND by itself so long after. */
  readonly lateMs?: number;
  readonly noSent?: boolean;
  readonly expected: 'filed' | 'by-server' | 'failed';
}

const lacking = (...names: string[]): string[] => allCapabilities.filter((one) => !names.includes(one));
const profiles: readonly (readonly [string, readonly string[]])[] = [
  ['all', allCapabilities],
  ['no UIDPLUS', lacking('UIDPLUS')],
  ['no LITERAL+', lacking('LITERAL+')],
  ['no UIDPLUS, no LITERAL+', lacking('UIDPLUS', 'LITERAL+')],
];
const blind = ['Carla <carla@example.com>', 'dora@example.com'];

function allCases(): Case[] {
  const cases: Case[] = [];
  for (const [profile, capabilities] of profiles) {
    for (const bcc of [[], blind]) {
      const base = { capabilities, bcc };
      const name = `${profile}, ${bcc.length} bcc`;
      for (const cut of [0, 4, 12, 30, 60, 120, 250, 400, 900, 1_500, 2_000, 2_600, 4_000, 6_000, 8_000, 'all', 'all', 'all'] as const) {
        cases.push({ ...base, name: `cut after ${cut}, ${name}`, cut, bytes: cut === 'all' ? 200 : 8_000, expected: 'filed' });
      }
      cases.push({ ...base, name: `OK, ${name}`, expected: 'filed' });
      for (const lateMs of [5_000, 20_000])
        cases.push({ ...base, name: `finished late, ${name}`, cut: 400, lateMs, bytes: 8_000, expected: 'filed' });
      for (const code of ['OVERQUOTA', 'TRYCREATE', 'TOOBIG', 'LIMIT']) {
        const fault = { command: 'APPEND', nth: 1, action: { no: `[${code}] not now` } } as const;
        cases.push({ ...base, name: `NO ${code} once, ${name}`, fault, expected: 'filed' });
      }
    }
  }
  for (const bcc of [[], blind]) {
    for (let s = 0; s <= 120; s += 10) cases.push({ name: `own copy after ${s} s`, bcc, ownCopyMs: s * 1000, expected: 'by-server' });
    cases.push({
      name: 'NO for good',
      bcc,
      fault: { command: 'APPEND', nth: 'every', action: { no: '[TOOBIG] never' } },
      expected: 'failed',
    });
    cases.push({ name: 'no Sent', bcc, noSent: true, expected: 'filed' });
  }
  return cases;
}

const tally = newTally();
let server: ImapScript;
let cutter: AppendCutter;
let rig: OutboxRig;
const gateway = createImapGateway({ clock: systemClock, log: silentLog });

beforeAll(async () => {
  server = await startImapScript();
  cutter = new AppendCutter(() => server.port);
  await cutter.listen();
  rig = new OutboxRig({ primary: 1 });
});
afterAll(async () => {
  await rig.close();
  await server.close();
  await cutter.close();
  reportCases('I7 copies in Sent', tally, { cuts: cutter.cuts, seed, mode });
});

/** A mail that the primary has just accepted. */
function accepted({ bcc = [], bytes = 300, ownCopyMs }: Case): OutboxRow {
  const frozen = frozenMessage(rig.account.id, {
    bcc,
    text: 'x'
      .repeat(70)
      .concat('\r\n')
      .repeat(Math.ceil(bytes / 72)),
  });
  const id = rig.store.add(frozen, 'anna@example.com', rig.clock.now());
  rig.store.setRecipients(id, ['pending'], 'accepted');
  const route = ownCopyMs === undefined ? 'relay' : 'primary';
  rig.store.change(id, { state: 'accepted', acceptedAt: rig.clock.now(), route, sentCopy: 'waiting' });
  return rig.store.get(id);
}

const sentBox = (): ScriptMailbox | undefined => server.store.find('Sent') ?? undefined;

const usable = async (session: ImapSession | null): Promise<ImapSession> =>
  session?.isOpen ? session : openGatewaySession({ port: cutter.port, gateway });

async function play(one: Case): Promise<{ row: OutboxRow; copies: Buffer[] }> {
  rig.handle.db.exec('DELETE FROM outbox; DELETE FROM submission_servers');
  if (sentBox()) server.store.delete('Sent');
  if (!one.noSent) server.store.create('Sent', { specialUse: '\\Sent' });
  server.setCapabilities(one.capabilities ?? allCapabilities);
  const withdraw = one.fault ? server.fault(one.fault) : () => undefined;
  cutter.cutAfter = one.cut ?? null;
  const { id, messageId } = accepted(one);
  const raw = Buffer.concat([...rig.store.bytes.pieces(id)]);
  const startedAt = rig.clock.now();
  let lostAt: number | null = null;
  let session: ImapSession | null = null;
  let calm = 0;
  let isAwaited = one.lateMs !== undefined || (one.ownCopyMs ?? Infinity) < ROUNDS * ROUND_MS;
  for (let round = 0; round < ROUNDS && (calm < 4 || isAwaited); round += 1) {
    const now = rig.clock.now();
    // A server files its copy whether there is one or not: two of them is what would be wrong.
    const isOwnDue = one.ownCopyMs !== undefined && now - startedAt >= one.ownCopyMs;
    const isLateDue = one.lateMs !== undefined && lostAt !== null && now - lostAt >= one.lateMs;
    if (isAwaited && (isOwnDue || isLateDue)) {
      isAwaited = false;
      const late = isOwnDue ? Buffer.concat([Buffer.from('Received: by x\r\n'), raw]) : Buffer.from(withBcc(raw, one.bcc ?? []));
      sentBox()?.add({ raw: late });
    }
    session = await usable(session);
    await rig.runJobs('primary', session).catch(() => (lostAt ??= rig.clock.now()));
    if (rig.store.get(id).sentCopy !== 'waiting') calm += 1;
    rig.clock.suspend(one.fault ? 150_000 : ROUND_MS);
  }
  expect(isAwaited, `${one.name}: the server's own copy came`).toBe(false);
  withdraw();
  await session?.close();
  const copies = (sentBox()?.messages ?? []).map((message) => message.raw).filter((bytes) => bytes.includes(messageId));
  return { row: rig.store.get(id), copies };
}

describe('the copy in Sent (I7)', () => {
  it('is there exactly once, whatever becomes of the APPEND', { timeout: isFull ? 1_200_000 : 60_000 }, async () => {
    const cases = allCases();
    const chosen = isFull ? sliceOf(cases) : seededRandom(seed).shuffle(cases).slice(0, SAMPLE);
    for (const one of chosen) {
      const { row, copies } = await play(one);
      tally.cases += 1;
      const wanted = one.expected === 'failed' ? 0 : 1;
      if (copies.length < wanted) tally.lost += 1;
      if (copies.length > wanted) tally.duplicated += 1;
      if (row.sentCopy !== one.expected) tally.stuck += 1;
      expect([copies.length, row.sentCopy], one.name).toEqual([wanted, one.expected]);
      expect(row.state, one.name).toBe(one.expected === 'failed' ? 'accepted' : 'filed');
      if (one.expected !== 'filed') continue;
      // The bytes that were sent, with the blind recipients named in front (bar O4).
      const raw = Buffer.concat([...rig.store.bytes.pieces(row.id)]);
      expect(copies[0]?.equals(Buffer.from(withBcc(raw, one.bcc ?? []))), one.name).toBe(true);
      if (one.lateMs === undefined) expect(sentBox()?.messages[0]?.flags.has('\\Seen'), one.name).toBe(true);
    }
    expect(tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
    expect(cutter.cuts).toBe(chosen.filter((one) => one.cut !== undefined).length);
  });

  it('is awaited where the server files its own, and filed at once where it is known not to', async () => {
    const slow: Case = { name: 'learns', ownCopyMs: 40_000, expected: 'by-server' };
    await play(slow);
    expect(rig.store.filesOwnCopy('127.0.0.1')).toBe(true);
    const never: Case = { name: 'never', ownCopyMs: 1e9, expected: 'filed' };
    expect((await play(never)).row.sentCopy).toBe('filed');
    expect(rig.store.filesOwnCopy('127.0.0.1')).toBe(false);
  });
});
