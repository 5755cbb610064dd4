import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeSince } from '../../main/engine/mirror/coverage.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import { EngineRig, rigConfig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';

const DAY = 86_400_000;
const MESSAGES = 20;
const LOGIN = { user: 'alice', password: 'pw-alice' };
const mail = (n: number): string =>
  `From: A <a@example.com>\r\nSubject: n ${n}\r\nMessage-ID: <cover-${n}@example.com>\r\n\r\n${`Line ${n}\r\n`.repeat(4)}`;

let server: ImapScript;
let rig: EngineRig;
let now: number;

beforeEach(async () => {
  now = Math.floor(Date.now() / 1000) * 1000;
  server = await startImapScript();
  for (let day = MESSAGES; day >= 1; day -= 1) server.store.get('INBOX').add({ raw: mail(day), internalDate: now - day * DAY });
  server.store.create('Archive', { specialUse: '\\Archive' });
  server.store.get('Archive').add({ raw: mail(100), internalDate: now - DAY });
  rig = await EngineRig.open({ primary: { port: server.port, ...LOGIN } });
});
afterEach(async () => {
  await rig.close();
  await server.close();
});

describe('how far back the copy reaches', () => {
  const since = () => completeSince(rig.engine.store, rig.accountId, 'primary');
  const days = () => (now - (since() ?? Number.NaN)) / DAY;

  it('is not said before every mailbox was looked at', async () => {
    expect(since()).toBeNull();
    const withdraw = server.fault({ command: 'EXAMINE', nth: 2, action: { no: 'not now' } });
    const refused = server.fault({ command: 'SELECT', nth: 2, action: { no: 'not now' } });
    await rig.engine.mirrorOnce();
    withdraw();
    refused();
    expect(since()).toBeNull();
    await rig.mirror();
    expect(days()).toBeCloseTo(30, 2);
  });

  it('ends at the newest mail whose text is missing', async () => {
    await rig.mirror();
    const { db } = rig.engine.store.handle;
    for (const day of [9, 5]) {
      db.prepare("UPDATE placements SET body_state = 'missing' WHERE internal_date = ?").run(now - day * DAY);
    }
    expect(since()).toBe(now - 5 * DAY + 1);
    await rig.mirror();
    expect(days()).toBeCloseTo(30, 2);
  });

  it('does not reach into a widened window before that was looked at', async () => {
    await rig.mirror();
    const before = since();
    rig.engine.setRetention(rig.accountId, { incomingDays: 60, outgoingDays: 60, quarantinedDays: 60 });
    expect(since()).toBe(before);
    await rig.mirror();
    expect(days()).toBeCloseTo(60, 2);
  });
});

describe('the order of a first mirror', () => {
  it('has headers and flags of the whole window before any body, bodies newest first', async () => {
    // Each is fetched by a command of its own.
    const large = (n: number) => mail(n) + `${'x'.repeat(70)}\r\n`.repeat(32_000);
    for (const day of [28, 26, 24, 22]) server.store.get('Archive').add({ raw: large(day), internalDate: now - day * DAY });
    await rig.mirror();
    const fetches = server.commands.filter(({ name }) => name === 'UID FETCH').map(({ args }) => args);
    const isBody = (args: string) => args.includes('BODY.PEEK[]');
    const firstBody = fetches.findIndex(isBody);
    expect(firstBody).toBeGreaterThan(0);
    expect(fetches.slice(firstBody).filter((args) => !isBody(args))).toEqual([]);
    const ofLarge = fetches.filter((args) => args.includes('BODY.PEEK[]<')).map((args) => Number(args.split(' ')[0]));
    expect([...new Set(ofLarge)]).toEqual([5, 4, 3, 2]);
    expect(rig.rows('INBOX').every(({ bodyState }) => bodyState === 'complete')).toBe(true);
  });
});

describe('several accounts in one engine', () => {
  it('one with a wrong password and one whose server is gone do not keep the third from being whole', async () => {
    const second = await startImapScript();
    second.store.get('INBOX').add({ raw: mail(200), internalDate: now - DAY });
    const gone = await startImapScript();
    const enrol = async (port: number, password: string): Promise<AccountId> => {
      const primary = { port, user: 'alice', password };
      const config = { ...rigConfig({ primary }), email: `alice+${port}@example.com` };
      return (await rig.engine.enrol(config, { primary: { imap: { type: 'password', password } }, relay: null })).id;
    };
    const wrong = await enrol(second.port, 'not-it');
    const dead = await enrol(gone.port, 'pw-alice');
    await gone.close();
    const runs = await rig.engine.mirrorOnce();
    const codeOf = (id: AccountId) => (runs.find(({ accountId }) => accountId === id)?.error as { code?: string } | null)?.code ?? null;
    expect({ right: codeOf(rig.accountId), wrong: codeOf(wrong), dead: codeOf(dead) }).toEqual({
      right: null,
      wrong: 'auth-rejected',
      dead: 'connect-refused',
    });
    expect(rig.rows('INBOX')).toHaveLength(MESSAGES);
    expect(completeSince(rig.engine.store, rig.accountId, 'primary')).not.toBeNull();
    await second.close();
  });
});
