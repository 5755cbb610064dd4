import { afterEach, describe, expect, it } from 'vitest';
import type { RemoteSummary } from '../../main/engine/imap/gateway.ts';
import { asUid } from '../../shared/model/ids.ts';
import { collect, openGatewaySession } from '../support/gateway-session.ts';
import { ImapRigs, outcomes, sentArgs, uids } from '../support/imap-rig.ts';
import { nestedParens, wrongUid } from '../support/imap-script/lies.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

describe('one bad message never hides the others', () => {
  const edited = (change: (text: string) => string) => ({
    rewrite: (answer: Buffer) => Buffer.from(change(answer.toString('latin1')), 'latin1'),
  });

  it('a broken FETCH line', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: edited((text) => text.replace(/UID 3 /, 'UID 3 (((')) });
    const found = await collect(session.fetchSummaries(uids(1, 2, 3, 4, 5)));
    expect(outcomes(found).sort()).toEqual([-3, 1, 2, 4, 5]);
    expect(found.find((one) => one.uid === 3)).toMatchObject({ error: { code: 'message-unreadable', scope: 'message' } });
  });

  it('a broken FETCH line without its UID', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: edited((text) => text.replace(/UID 3 /, '))')) });
    expect(outcomes(await collect(session.fetchSummaries(uids(1, 2, 3))))).toEqual([1, 2, -3]);
  });

  it('a message left out of the answer', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({
      command: 'UID FETCH',
      action: edited((text) => text.replace(/^\* 2 FETCH[^]*?\r\n\)\r\n|^\* 2 FETCH.*\r\n(?=\* )/m, '')),
    });
    const found = await collect(session.fetchSources(uids(1, 2, 3)));
    expect(new Set(outcomes(found))).toEqual(new Set([1, -2, 3]));
  });

  it('a message that the server cannot fetch (NO for the whole command)', async () => {
    const { server, session } = await rigs.open({}, {}, 40);
    await session.select('INBOX');
    const bad = 17;
    server.fault({
      command: 'UID FETCH',
      nth: 'every',
      action: (command) => {
        const set = command.args.split(' ')[0] ?? '';
        const hit = set.split(',').some((range) => {
          const [a = '0', b = a] = range.split(':');
          return Number(a) <= bad && bad <= Number(b);
        });
        return hit ? { no: '[SERVERBUG] internal error' } : 'pass';
      },
    });
    const found = await collect(session.fetchSummaries(uids(...Array.from({ length: 40 }, (_, i) => i + 1))));
    expect(new Set(outcomes(found))).toEqual(new Set(Array.from({ length: 40 }, (_, i) => (i + 1 === bad ? -bad : i + 1))));
    expect(sentArgs(server, 'UID FETCH').length).toBeLessThan(20);
  });

  it('a message refused once in passing is asked for again', async () => {
    const { server, session } = await rigs.open({}, {}, 3);
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: { no: 'not now' } });
    expect(outcomes(await collect(session.fetchSummaries(uids(2))))).toEqual([2]);
    expect(sentArgs(server, 'UID FETCH').length).toBeLessThan(4);
  });

  it('a mailbox that refuses everything is an error of the mailbox, soon', async () => {
    const { server, session } = await rigs.open({}, {}, 200);
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', nth: 'every', action: { no: 'no' } });
    await expect(collect(session.fetchSummaries(uids(...Array.from({ length: 200 }, (_, i) => i + 1))))).rejects.toMatchObject({
      code: 'command-refused',
      scope: 'mailbox',
    });
    expect(sentArgs(server, 'UID FETCH').length).toBeLessThan(60);
    expect(session.isOpen).toBe(true);
  });

  it.each([
    ['that kills the connection', { cutAfterBytes: 0, reset: true }],
    ['whose answer is beyond all bounds', { reply: ['* 3 FETCH (UID 3 BODY[] {2000000000}\r\n'] }],
    ['that makes the server say goodbye', { bye: 'internal error' }],
  ] as const)('a message %s is passed over after some sessions', async (_, action) => {
    const server = await rigs.server({}, 6);
    const asksFor3 = (args: string) => {
      const [from = 0, to = from] = (args.split(' ')[0] ?? '').split(/[:,]/).map(Number);
      return args.startsWith('3') || (from <= 3 && to >= 3);
    };
    server.fault({ command: 'UID FETCH', nth: 'every', action: ({ args }) => (asksFor3(args) ? action : 'pass') });
    const gateway = rigs.gateway();
    const sessions: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      const session = await openGatewaySession({ port: server.port, gateway });
      await session.select('INBOX');
      const outcome = await collect(session.fetchSources(uids(1, 2, 3, 4, 5, 6))).then(outcomes, (error: { scope: string }) => error.scope);
      await session.close();
      sessions.push(String(outcome));
      if (Array.isArray(outcome)) break;
    }
    expect(sessions).toEqual(['connection', 'connection', 'connection', 'connection', '1,2,4,5,6,-3']);
    // The same message may still be asked for in another way.
    const session = await rigs.session({ port: server.port, gateway });
    await session.select('INBOX');
    expect(outcomes(await collect(session.fetchSources(uids(3, 4))))).toEqual([4, -3]);
    await expect(session.fetchSlice(asUid(3), 0, 10)).rejects.toMatchObject({ scope: 'connection' });
  });

  it('a message at which the connection ends is asked for twice, wherever it stands', async () => {
    const server = await rigs.server({}, 6);
    let ends = 0;
    const cutAt4 = (answer: Buffer): number => {
      const at = answer.indexOf('* 4 FETCH');
      ends += at < 0 ? 0 : 1;
      return at < 0 ? -1 : at + 60;
    };
    server.fault({ command: 'UID FETCH', nth: 'every', action: { rewrite: (answer) => answer, cutAt: cutAt4 } });
    const gateway = rigs.gateway();
    const found: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const session = await openGatewaySession({ port: server.port, gateway });
      await session.select('INBOX');
      await collect(session.fetchSources(uids(1, 2, 3, 4, 5, 6).filter((uid) => !found.includes(uid)))).then(
        (all) => found.push(...outcomes(all)),
        () => undefined,
      );
      await session.close();
    }
    expect(found.sort()).toEqual([-4, 1, 2, 3, 5, 6]);
    expect(ends).toBe(2);
  });

  it('a connection that failed once has one message asked for alone, and nobody given up', async () => {
    const server = await rigs.server({}, 6);
    const gateway = rigs.gateway();
    const asked: string[][] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const fails of [true, false]) {
        const session = await openGatewaySession({ port: server.port, gateway });
        await session.select('INBOX');
        if (fails) server.fault({ command: 'UID FETCH', action: { cutAfterBytes: 0 } });
        const before = server.commands.length;
        const found = await collect(session.fetchSummaries(uids(1, 2, 3, 4, 5, 6))).catch(() => null);
        expect(found?.length ?? 0).toBe(fails ? 0 : 6);
        asked.push(server.commands.slice(before).map(({ args }) => args.split(' ')[0] ?? ''));
        await session.close();
      }
    }
    expect(asked).toEqual(Array.from({ length: 4 }, () => [['1:6'], ['2:6', '1']]).flat());
  });

  it('answers in pieces are put together; news in between are not taken for them', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({
      command: 'UID FETCH',
      action: edited((text) =>
        text.replace(
          /^\* 1 FETCH \(UID 1 FLAGS \(\)/m,
          '* 9 EXISTS\r\n* 3 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 FLAGS (\\Answered))\r\n* 1 FETCH (UID 1',
        ),
      ),
    });
    const [first, second] = (await collect(session.fetchSummaries(uids(1, 2)))) as RemoteSummary[];
    expect(first).toMatchObject({ uid: 1, flags: ['\\Answered'], subject: 'n 1' });
    expect(second).toMatchObject({ uid: 2, flags: ['\\Seen', '$Forwarded'] });
  });

  it('answers for other messages than asked are dropped', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1000) } });
    expect(outcomes(await collect(session.fetchSummaries(uids(1, 2))))).toEqual([-1, -2]);
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1) } });
    expect(await session.fetchFlags(uids(1, 2))).toMatchObject([{ uid: 2 }]);
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 1) } });
    await expect(session.fetchSlice(asUid(1), 0, 10)).rejects.toMatchObject({ code: 'message-missing' });
  });

  it('a structure nested 100,000 deep costs nothing but itself', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({ command: 'UID FETCH', action: (command) => ({ reply: nestedParens(100_000, `${command.tag} OK done\r\n`) }) });
    expect(outcomes(await collect(session.fetchSummaries(uids(1))))).toEqual([-1]);
    expect(session.isOpen).toBe(true);
  });
});
