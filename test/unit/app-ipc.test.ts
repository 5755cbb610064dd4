import type { WebContents, WebFrameMain } from 'electron';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dispatch, hasForbiddenKey, type Handlers } from '../../main/app/ipc/dispatch.ts';
import { isTrustedSender } from '../../main/app/ipc/sender.ts';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import { MailError, packedErrorSchema } from '../../shared/errors.ts';
import { bridgeCallNames, bridgeEventNames } from '../../shared/ipc/bridge.ts';
import { callNames, contract, type CallName } from '../../shared/ipc/contract.ts';
import { engineCallNames } from '../../shared/ipc/engine-port.ts';
import { appCalls } from '../../shared/ipc/contract.ts';
import { eventNames } from '../../shared/ipc/events.ts';

const CANARY = 'canary@example.org';

function setUp(overrides: Partial<Record<CallName, (...args: never[]) => unknown>> = {}) {
  const called: string[] = [];
  const logged: AppLogEntry[] = [];
  const handlers = Object.fromEntries(
    callNames.map((name) => [name, overrides[name] ?? (() => (called.push(name), null))]),
  ) as unknown as Handlers;
  const log = { write: (_level: string, entry: AppLogEntry) => void logged.push(entry) };
  return { call: (name: unknown, ...args: unknown[]) => dispatch(handlers, log, name, args), called, logged };
}

/** Eight kinds of arguments that no call of the contract takes. */
const MALFORMED: [string, unknown[]][] = [
  ['wrong type', [42]],
  ['extra key', [{ extra: CANARY }]],
  ['own __proto__', [JSON.parse('{"__proto__":{"isAdmin":true}}')]],
  ['10 MB text', [{ url: 'x'.repeat(10 * 1024 * 1024), email: 'x'.repeat(10 * 1024 * 1024), text: 'x'.repeat(10 * 1024 * 1024) }]],
  ['NaN', [{ entryId: NaN, accountId: NaN, offset: NaN, limit: NaN }]],
  ['negative id', [{ entryId: -1, accountId: -1, index: -1 }]],
  ['path', [{ entryId: '../../etc/passwd', accountId: '../x', path: '../../etc/passwd' }]],
  ['SQL', [{ mailboxKey: "1'; DROP TABLE entries; --".repeat(9), accountId: '1 OR 1=1', entryId: '1; DELETE FROM entries' }]],
  ['too many', [null, null, null]],
  ['a function-like', [{ toString: 'x', valueOf: 'x' }]],
];

describe('calls from the window', () => {
  it.each(callNames.flatMap((name) => MALFORMED.map(([kind, args]) => [name, kind, args] as const)))(
    '%s refuses %s before anything happens',
    async (name, _kind, args) => {
      const { call, called, logged } = setUp();
      const answer = await call(name, ...args);
      expect(answer).toMatchObject({ ok: false, error: { code: 'call-rejected', retry: 'never' } });
      expect(called).toEqual([]);
      expect(JSON.stringify([answer, logged])).not.toContain(CANARY);
    },
  );

  it.each([undefined, null, 42, {}, '', 'messages', 'messages.drop', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'refuse the unknown name %j',
    async (name) => {
      const { call, called, logged } = setUp();
      expect(await call(name)).toMatchObject({ ok: false, error: { code: 'call-rejected' } });
      expect(called).toEqual([]);
      expect(logged[0]?.ev).toBe('ipc.unknown-call');
    },
  );

  it('reach their handler with parsed arguments', async () => {
    const seen: unknown[] = [];
    const { call } = setUp({ 'accounts.setRetention': (...args) => (seen.push(...args), null) });
    await call('accounts.setRetention', { accountId: 1, retention: { incomingDays: 7 } });
    expect(seen).toEqual([{ accountId: 1, retention: { incomingDays: 7, outgoingDays: 14, quarantinedDays: 14 } }]);
  });

  it('hand back a checked result', async () => {
    expect(await setUp({ 'sync.now': () => null }).call('sync.now')).toEqual({ ok: true, value: null });
    const { call, logged } = setUp({ 'sync.now': () => ({ password: CANARY }) });
    expect(await call('sync.now')).toMatchObject({ ok: false, error: { code: 'internal', detail: 'bad-result' } });
    expect(logged.map(({ ev }) => ev)).toEqual(['ipc.bad-result', 'ipc.call-failed']);
  });

  it('hand back errors by code, and never the text of a foreign one', async () => {
    const known = setUp({
      'sync.now': () => {
        throw new MailError('store-locked', { scope: 'store', retry: 'ask', cause: new Error(CANARY) });
      },
    });
    expect(await known.call('sync.now')).toEqual({
      ok: false,
      error: { code: 'store-locked', scope: 'store', retry: 'ask', side: null, detail: '' },
    });
    const foreign = setUp({ 'sync.now': () => Promise.reject(new TypeError(CANARY)) });
    const answer = await foreign.call('sync.now');
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal', detail: 'TypeError' } });
    expect(packedErrorSchema.safeParse(answer.ok ? null : answer.error).success).toBe(true);
    expect(JSON.stringify([answer, foreign.logged])).not.toContain(CANARY);
  });

  it('take neither paths, nor SQL, nor raw commands: no argument is named like one but the CA file of an endpoint', () => {
    const named = new Set<string>();
    for (const { args } of Object.values(contract)) {
      JSON.stringify(z.toJSONSchema(args, { io: 'input', unrepresentable: 'any' }), (key, value) => {
        if (key === 'properties') for (const name of Object.keys(value)) named.add(name);
        return value;
      });
    }
    expect(named.size).toBeGreaterThan(30);
    expect([...named].filter((name) => /path|file|folder|dir$|sql|command|raw/i.test(name))).toEqual(['quarantinePath', 'caFile']);
  });
});

describe('keys that could reach a prototype', () => {
  it('are found at any depth', () => {
    expect(hasForbiddenKey([{ a: [{ b: JSON.parse('{"__proto__":1}') }] }])).toBe(true);
    expect(hasForbiddenKey([{ constructor: {} }])).toBe(true);
    expect(hasForbiddenKey([{ a: { prototype: 1 } }])).toBe(true);
    expect(hasForbiddenKey([{ a: [1, 'constructor', null, undefined, { b: true }] }])).toBe(false);
    expect(hasForbiddenKey([undefined, { constructor: 1 }])).toBe(true);
  });

  it('are not looked for without end', () => {
    const round: Record<string, unknown> = {};
    round['self'] = round;
    expect(hasForbiddenKey([round])).toBe(true);
    expect(hasForbiddenKey([new Uint8Array(1_000_000)])).toBe(false);
  });
});

describe('sender of a call', () => {
  const frame = (origin: string, url: string) => ({ origin, url }) as WebFrameMain;
  const own = frame('app://holdover', 'app://holdover/index.html');
  const contents = (mainFrame: WebFrameMain, isDestroyed = false) =>
    ({ mainFrame, isDestroyed: () => isDestroyed }) as unknown as WebContents;
  const window = contents(own);

  it('is the main frame of our window on a page of ours', () => {
    expect(isTrustedSender({ sender: window, senderFrame: own }, window)).toBe(true);
  });

  it.each([
    ['a frame within the page', { sender: window, senderFrame: frame('app://holdover', 'app://holdover/index.html') }, window],
    ['a frame of mail', { sender: window, senderFrame: frame('null', 'about:srcdoc') }, window],
    ['a frame that is gone', { sender: window, senderFrame: null }, window],
    ['another window', { sender: contents(own), senderFrame: own }, window],
    ['any window while ours is gone', { sender: window, senderFrame: own }, null],
  ])('is not %s', (_name, event, ours) => {
    expect(isTrustedSender(event, ours)).toBe(false);
  });

  it.each([
    ['about:blank', 'null'],
    ['file:///etc/passwd', 'file://'],
    ['https://example.org/', 'https://example.org'],
    ['app://evil/index.html', 'app://evil'],
    ['app://holdover.evil/index.html', 'app://holdover.evil'],
    ['https://example.org/app://holdover/', 'https://example.org'],
  ])('is not the main frame while it shows %s', (url, origin) => {
    const foreign = frame(origin, url);
    const ours = contents(foreign);
    expect(isTrustedSender({ sender: ours, senderFrame: foreign }, ours)).toBe(false);
  });

  it('is nobody once the window is destroyed', () => {
    const gone = contents(own, true);
    expect(isTrustedSender({ sender: gone, senderFrame: own }, gone)).toBe(false);
  });
});

describe('names of the bridge', () => {
  it('are those of the contract', () => {
    expect([...bridgeCallNames].sort()).toEqual([...callNames].sort());
    expect([...bridgeEventNames].sort()).toEqual([...eventNames].sort());
    expect([...engineCallNames, ...appCalls].sort()).toEqual([...callNames].sort());
  });
});
