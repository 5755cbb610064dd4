import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EngineProcess, type EnginePhase } from '../../main/app/engine-process.ts';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import type { Secrets } from '../../main/app/secrets.ts';
import { MailError, type ErrorCode } from '../../shared/errors.ts';
import { asAccountId, asEntryId } from '../../shared/model/ids.ts';
import { fakeEngines, wellEngine, type EngineBehaviour } from '../support/fake-engine-child.ts';

const noSecrets: Secrets = { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() };
const storeKey = new Uint8Array(32).fill(9);

function setUp(
  behaviours: EngineBehaviour[],
  options: { secrets?: Secrets; delays?: number[]; retryDelaysMs?: number[]; provenLifeMs?: number } = {},
) {
  const { fork, lives } = fakeEngines(...behaviours);
  const phases: EnginePhase[] = [];
  const codes: (ErrorCode | null)[] = [];
  const events: [string, unknown][] = [];
  const logged: AppLogEntry[] = [];
  const engine = new EngineProcess({
    fork,
    log: { write: (_level, entry) => void logged.push(entry) },
    onPhase: (phase, error) => {
      phases.push(phase);
      codes.push(error?.code ?? null);
    },
    onEvent: (name, payload) => void events.push([name, payload]),
    restartDelaysMs: options.delays ?? [1],
    ...(options.retryDelaysMs ? { retryDelaysMs: options.retryDelaysMs } : {}),
    ...(options.provenLifeMs === undefined ? {} : { provenLifeMs: options.provenLifeMs }),
  });
  const start = () => engine.start({ profileDir: '/profile', storeKey, locale: 'de', secrets: options.secrets ?? noSecrets });
  onTestFinished(() => engine.stop(50));
  return { engine, start, lives, phases, codes, events, logged };
}

const phase = (engine: EngineProcess, wanted: EnginePhase) => vi.waitFor(() => expect(engine.phase).toBe(wanted));

describe('a well engine', () => {
  it('gets profile, key and locale in its first message, and runs when it says so', async () => {
    const { engine, start, lives, phases } = setUp([wellEngine]);
    start();
    await phase(engine, 'running');
    expect(phases).toEqual(['starting', 'running']);
    expect(lives[0]?.received[0]).toEqual({ type: 'start', profileDir: '/profile', storeKey, locale: 'de', mayCreate: true });
  });

  it('answers calls by their id, in any order', async () => {
    const waiting: number[] = [];
    const { engine, start } = setUp([
      (message, fake) => {
        if (message.type !== 'call') return wellEngine(message, fake);
        waiting.push(message.id);
        if (waiting.length === 3) for (const id of waiting.toReversed()) fake.answer(id, `answer ${id}`);
      },
    ]);
    start();
    const link = await engine.whenRunning(1000);
    const answers = await Promise.all([1, 2, 3].map(() => link.call('accounts.list', [], 1000)));
    expect(answers).toEqual(['answer 1', 'answer 2', 'answer 3']);
  });

  it('hands errors over with code, scope and retry', async () => {
    const error = { code: 'not-found', scope: 'message', retry: 'never', side: null, detail: '' };
    const { engine, start } = setUp([
      (message, fake) =>
        message.type === 'call' ? fake.send({ type: 'result', id: message.id, outcome: { ok: false, error } }) : wellEngine(message, fake),
    ]);
    start();
    const link = await engine.whenRunning(1000);
    await expect(link.call('sync.now', [], 1000)).rejects.toMatchObject({
      name: 'MailError',
      code: 'not-found',
      scope: 'message',
      retry: 'never',
    });
  });

  it('is told where to save an attachment', async () => {
    const { engine, start, lives } = setUp([wellEngine]);
    start();
    const link = await engine.whenRunning(1000);
    const request = { entryId: asEntryId(5), within: [1], index: 2, targetPath: '/home/jane/a.pdf', mayOverwrite: false };
    await link.save(request, 1000);
    expect(lives[0]?.received.at(-1)).toEqual({ type: 'attachment.save', id: 1, ...request });
  });

  it('passes events on once they fit their schema', async () => {
    const { engine, start, lives, events, logged } = setUp([wellEngine]);
    start();
    await engine.whenRunning(1000);
    lives[0]?.send({ type: 'event', name: 'messages.changed', payload: { mailboxKeys: ['1'] } });
    lives[0]?.send({ type: 'event', name: 'messages.changed', payload: { mailboxKeys: [1] } });
    lives[0]?.send({ type: 'event', name: 'settings.changed', payload: {} });
    lives[0]?.send({ type: 'nonsense' });
    lives[0]?.send({ type: 'event', name: 'accounts.changed', payload: null });
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events).toEqual([
      ['messages.changed', { mailboxKeys: ['1'] }],
      ['accounts.changed', null],
    ]);
    expect(logged.map(({ ev }) => ev)).toEqual(['engine.bad-event', 'engine.bad-message', 'engine.bad-message']);
  });

  it('asks for secrets, which are never in the log', async () => {
    const secret = { type: 'password' as const, password: 'canary-password' };
    const seen: unknown[] = [];
    const secrets: Secrets = {
      get: (...ref) => (seen.push(['get', ...ref]), Promise.resolve(secret)),
      set: (...ref) => (seen.push(['set', ...ref]), Promise.resolve()),
      delete: () => Promise.reject(new MailError('keyring-locked', { scope: 'store', retry: 'ask' })),
    };
    const { engine, start, lives, logged } = setUp([wellEngine], { secrets });
    start();
    await engine.whenRunning(1000);
    const ref = { accountId: asAccountId(1), side: 'relay' as const, service: 'imap' as const };
    lives[0]?.send({ type: 'secret.get', id: 1, ...ref });
    lives[0]?.send({ type: 'secret.set', id: 2, ...ref, secret });
    lives[0]?.send({ type: 'secret.delete', id: 3, ...ref });
    await vi.waitFor(() => expect(lives[0]?.received.filter(({ type }) => type === 'secret.answer')).toHaveLength(3));
    expect(lives[0]?.received.slice(1)).toEqual([
      { type: 'secret.answer', id: 1, answer: { ok: true, secret } },
      { type: 'secret.answer', id: 2, answer: { ok: true, secret: null } },
      {
        type: 'secret.answer',
        id: 3,
        answer: { ok: false, error: { code: 'keyring-locked', scope: 'store', retry: 'ask', side: null, detail: '' } },
      },
    ]);
    expect(seen).toEqual([
      ['get', 1, 'relay', 'imap'],
      ['set', 1, 'relay', 'imap', secret],
    ]);
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  it('is let close its store before it ends', async () => {
    const { engine, start, lives, phases } = setUp([wellEngine]);
    start();
    await engine.whenRunning(1000);
    await engine.stop(1000);
    expect(lives[0]?.received.at(-1)).toEqual({ type: 'stop' });
    expect(phases.at(-1)).toBe('stopped');
    start();
    expect(lives).toHaveLength(1);
  });
});

describe('an engine made ahead', () => {
  it('is told to start later, and is no second one', async () => {
    const { engine, start, lives } = setUp([wellEngine]);
    engine.warmUp();
    engine.warmUp();
    expect(engine.phase).toBe('idle');
    expect(lives[0]?.received).toEqual([]);
    start();
    await phase(engine, 'running');
    expect(lives).toHaveLength(1);
    expect(lives[0]?.received[0]?.type).toBe('start');
  });

  it('that has ended meanwhile is replaced', async () => {
    const { engine, start, lives } = setUp([wellEngine]);
    engine.warmUp();
    lives[0]?.die();
    await new Promise((resolve) => setTimeout(resolve, 20));
    start();
    await phase(engine, 'running');
    expect(lives).toHaveLength(2);
  });

  it('and never needed is ended with the app', async () => {
    const { engine, lives } = setUp([wellEngine]);
    engine.warmUp();
    await engine.stop(50);
    expect(lives[0]?.wasKilled).toBe(true);
  });
});

describe('an engine in trouble', () => {
  it('is started again when it dies, and what was under way can be asked again at once', async () => {
    const { engine, start, lives, phases } = setUp([
      (message, fake) => (message.type === 'call' ? fake.die(9) : wellEngine(message, fake)),
      wellEngine,
    ]);
    start();
    const link = await engine.whenRunning(1000);
    await expect(link.call('accounts.list', [], 5000)).rejects.toMatchObject({ code: 'internal', retry: 'now' });
    expect(await (await engine.whenRunning(1000)).call('accounts.list', [], 1000)).toBeNull();
    expect(phases).toEqual(['starting', 'running', 'restarting', 'restarting', 'running']);
    expect(lives).toHaveLength(2);
    await expect(link.call('accounts.list', [], 1000)).rejects.toMatchObject({ code: 'internal', retry: 'now' });
  });

  it('is started again ever more slowly, and at once after a long life', async () => {
    const dies: EngineBehaviour = (message, fake) => (message.type === 'start' ? fake.die(11) : undefined);
    const { engine, start, lives, logged } = setUp([dies, dies, dies, wellEngine], { delays: [1, 20, 40], provenLifeMs: 60_000 });
    const before = performance.now();
    start();
    await phase(engine, 'running');
    expect(performance.now() - before).toBeGreaterThanOrEqual(60);
    expect(lives).toHaveLength(4);
    expect(logged.filter(({ ev }) => ev === 'engine.died').map(({ crashes }) => crashes)).toEqual([0, 1, 2]);
    const {
      engine: other,
      start: startOther,
      lives: otherLives,
      logged: otherLogged,
    } = setUp([wellEngine], { delays: [1], provenLifeMs: 0 });
    startOther();
    for (let n = 0; n < 3; n += 1) {
      await phase(other, 'running');
      otherLives.at(-1)?.die();
      await vi.waitFor(() => expect(otherLives).toHaveLength(n + 2));
    }
    expect(otherLogged.map(({ crashes }) => crashes)).toEqual([0, 1, 1]);
  });

  it('that cannot start is not started again until somebody asks', async () => {
    const error = { code: 'store-corrupt', scope: 'store', retry: 'never', side: null, detail: '' };
    const { engine, start, lives } = setUp([
      (message, fake) => (message.type === 'start' ? fake.send({ type: 'failed', error }) : undefined),
      wellEngine,
    ]);
    start();
    await phase(engine, 'failed');
    expect(engine.error?.code).toBe('store-corrupt');
    expect(lives[0]?.wasKilled).toBe(true);
    await expect(engine.whenRunning(1000)).rejects.toMatchObject({ code: 'store-corrupt', scope: 'store' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lives).toHaveLength(1);
    start();
    await phase(engine, 'running');
    expect(lives).toHaveLength(2);
  });

  const refused = (code: ErrorCode): EngineBehaviour => {
    const error = { code, scope: 'store', retry: 'later', side: null, detail: '' };
    return (message, fake) => (message.type === 'start' ? fake.send({ type: 'failed', error }) : undefined);
  };
  const faults = ['store-io', 'store-full', 'store-read-only', 'store-busy', 'store-missing', 'store-in-use'] as const;

  it.each(faults)('whose store is refused (%s) says so, tries again by itself, and makes no new store', async (code) => {
    const { engine, start, lives, phases, codes } = setUp([wellEngine, refused(code), refused(code), wellEngine], { retryDelaysMs: [20] });
    start();
    await phase(engine, 'running');
    lives[0]?.die();
    await vi.waitFor(() => expect(lives).toHaveLength(4));
    await phase(engine, 'running');
    expect(codes).toEqual([null, null, null, null, code, code, null]);
    // The window stays with the notice between two tries.
    expect(phases).toEqual(['starting', 'running', 'restarting', 'restarting', 'failed', 'failed', 'running']);
    expect(lives.map(({ received }) => (received[0] as { mayCreate?: boolean }).mayCreate)).toEqual([true, false, false, false]);
  });

  it('whose store is refused is tried at once when a person asks', async () => {
    const { engine, start, lives } = setUp([refused('store-full'), wellEngine], { retryDelaysMs: [60_000] });
    start();
    await phase(engine, 'failed');
    start();
    await phase(engine, 'running');
    expect(lives).toHaveLength(2);
  });

  it('tells what its disk refuses while it runs, and passes on that a person asks to try again', async () => {
    const { engine, start, lives } = setUp([wellEngine]);
    start();
    await phase(engine, 'running');
    const fault = { code: 'store-full', scope: 'store', retry: 'ask', side: null, detail: 'SQLITE_FULL' };
    lives[0]?.send({ type: 'store.health', fault });
    await vi.waitFor(() => expect(engine.error?.code).toBe('store-full'));
    expect(engine.phase).toBe('running');
    engine.notify({ type: 'store.retry' });
    await vi.waitFor(() => expect(lives[0]?.received.at(-1)).toEqual({ type: 'store.retry' }));
    lives[0]?.send({ type: 'store.health', fault: null });
    await vi.waitFor(() => expect(engine.error).toBeNull());
  });

  it('that stays silent does not hold a call for ever', async () => {
    const { engine, start } = setUp([(message, fake) => (message.type === 'start' ? fake.send({ type: 'ready' }) : undefined)]);
    start();
    const link = await engine.whenRunning(1000);
    await expect(link.call('accounts.list', [], 20)).rejects.toMatchObject({ code: 'internal', retry: 'later', detail: 'engine-timeout' });
  });

  it('that never gets ready does not hold a call for ever', async () => {
    const { engine, start } = setUp([() => undefined]);
    start();
    await expect(engine.whenRunning(20)).rejects.toMatchObject({ code: 'internal', retry: 'now', detail: 'engine-starting' });
  });

  it('that does not end in time is ended', async () => {
    const { engine, start, lives } = setUp([(message, fake) => (message.type === 'stop' ? undefined : wellEngine(message, fake))]);
    start();
    await engine.whenRunning(1000);
    await engine.stop(20);
    expect(lives[0]?.wasKilled).toBe(true);
  });

  it('whose process cannot even be made is tried again', async () => {
    const { fork } = fakeEngines(wellEngine);
    let tries = 0;
    const engine = new EngineProcess({
      fork: () => {
        tries += 1;
        if (tries < 3) throw new Error('no more processes');
        return fork();
      },
      log: { write: () => undefined },
      onPhase: () => undefined,
      onEvent: () => undefined,
      restartDelaysMs: [1],
    });
    onTestFinished(() => engine.stop(50));
    engine.start({ profileDir: '/p', storeKey, locale: 'en', secrets: noSecrets });
    await phase(engine, 'running');
    expect(tries).toBe(3);
  });
});
