import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { EngineProcess } from '../../main/app/engine-process.ts';
import { EngineService } from '../../main/app/engine-service.ts';
import type { FirstView, Overview } from '../../main/app/first-view.ts';
import { buildHandlers, type AppHandlerParts } from '../../main/app/ipc/handlers.ts';
import { refuseWhileOver, withoutNames, type LeaseKeeper } from '../../main/app/lease/lease-gate.ts';
import { StoreAccess } from '../../main/app/store-access.ts';
import { callNames, type CallName } from '../../shared/ipc/contract.ts';
import type { EngineState } from '../../shared/model/sync.ts';
import { fakeEngines, wellEngine, type EngineBehaviour } from '../support/fake-engine-child.ts';
import { syncOf } from '../support/readiness-facts.ts';

const log = { write: () => undefined };
const secrets = { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() };
const notice = { contactAt: 1, endsAt: 2 };

/** All that a window may call while the lease is over. Whoever adds to it has to say why it shows nothing of mail. */
const OPEN: readonly CallName[] = [
  'app.info',
  'app.openExternal',
  'settings.get',
  'engine.state',
  'accounts.list',
  'sync.state',
  'sync.now',
  'signIn.begin',
  'signIn.wait',
  'signIn.cancel',
  'signIn.password',
  'store.unlock',
  'store.choosePassphrase',
  'store.retry',
  'store.recover',
  'store.unsent',
  'store.setAside',
];

/** An engine that knows of a mailbox which could not be read. */
const withSync: EngineBehaviour = (message, engine) => {
  if (message.type === 'call' && message.name === 'sync.state') engine.answer(message.id, [syncOf('primary')]);
  else wellEngine(message, engine);
};

class Keeper implements LeaseKeeper {
  isOver = true;
  isSaving = false;
  notice = notice;
  check = (name: CallName): void => void (this.isOver && refuseWhileOver(name, this.isSaving));
  shown = withoutNames;
  heard = (): void => undefined;
  engineEnded = (): void => undefined;
}

let keeper: Keeper;
beforeEach(() => (keeper = new Keeper()));

async function start({ behaviour = wellEngine, view }: { behaviour?: EngineBehaviour; view?: FirstView } = {}) {
  const { fork, lives } = fakeEngines(behaviour);
  const states: EngineState[] = [];
  const engine = new EngineProcess({ fork, log, onPhase: () => service.announce(), onEvent: () => undefined });
  const service: EngineService = new EngineService({
    access: new StoreAccess(
      () => Promise.resolve({ status: 'ready', storeKey: new Uint8Array(32), secrets, recover: () => Promise.reject(new Error()) }),
      log,
    ),
    engine,
    profileDir: '/profile',
    onState: (state) => void states.push(state),
    beforeStart: () => {
      service.lease = keeper;
      return Promise.resolve();
    },
    ...(view ? { firstView: view } : {}),
  });
  onTestFinished(() => service.stop(50));
  await service.start('en');
  await vi.waitFor(() => expect(service.behind.state().phase).toBe('running'));
  const called = (): string[] =>
    lives[0]!.received.flatMap((one) => (one.type === 'call' ? [one.name] : one.type === 'attachment.save' ? ['save'] : []));
  return { service, states, called };
}

/** Every call of the contract, as the window makes it; what the app itself would do is only noted. */
function handlersOf(service: EngineService) {
  const done: string[] = [];
  const parts = new Proxy({ engine: service, info: {}, settings: { settings: {} } } as unknown as AppHandlerParts, {
    get: (target, name: string) => {
      if (name in target) return target[name as keyof AppHandlerParts];
      return () => (done.push(name), Promise.resolve(new Proxy({}, { get: (_none, key) => (key === 'then' ? undefined : () => null) })));
    },
  });
  return { handlers: buildHandlers(parts) as unknown as Record<CallName, (...args: unknown[]) => Promise<unknown>>, done };
}

const given = { url: '', passphrase: '', recoveryKey: '', acceptLosses: true, html: '', words: [], word: '', isOn: true, look: false };

describe('a lease that is over', () => {
  it.each(callNames.filter((name) => !OPEN.includes(name)))('refuses %s, and neither app nor engine does anything for it', async (name) => {
    const { service, called } = await start();
    const { handlers, done } = handlersOf(service);
    await expect(handlers[name](given)).rejects.toMatchObject({ code: 'lease-over', retry: 'later' });
    expect([done, called()]).toEqual([[], []]);
  });

  it.each(OPEN)('lets %s pass', async (name) => {
    const { service } = await start({ behaviour: withSync });
    const code = await handlersOf(service)
      .handlers[name](given)
      .then(
        () => 'answered',
        (error: { code?: string }) => error.code,
      );
    // Keys that are open can be neither unlocked nor given up.
    expect(code).toBe(
      ['store.unlock', 'store.choosePassphrase', 'store.recover', 'store.setAside'].includes(name) ? 'call-rejected' : 'answered',
    );
  });

  it('says so from the first moment, with the engine behind it, and opens when there was contact', async () => {
    const { service, states } = await start();
    const closed = { phase: 'locked', lock: 'lease-over', lease: notice };
    expect(states.length).toBeGreaterThan(1);
    for (const state of states) expect(state).toMatchObject(closed);
    expect(service.behind.state()).toMatchObject({ phase: 'running', lock: 'none' });
    keeper.isOver = false;
    expect(service.state()).toEqual({ phase: 'running', error: null, lock: 'none', lease: notice });
    expect(await service.call('accounts.list', [])).toBeNull();
  });

  it('shows nothing of the last run while the engine starts', async () => {
    const read = vi.fn(() => ({}) as Overview);
    const view = { read, write: vi.fn(), forget: vi.fn() } as unknown as FirstView;
    const { fork } = fakeEngines(() => undefined);
    const service: EngineService = new EngineService({
      access: new StoreAccess(
        () => Promise.resolve({ status: 'ready', storeKey: new Uint8Array(32), secrets, recover: () => Promise.reject(new Error()) }),
        log,
      ),
      engine: new EngineProcess({ fork, log, onPhase: () => undefined, onEvent: () => undefined }),
      profileDir: '/profile',
      onState: () => undefined,
      firstView: view,
      // What IT holds is known a moment after the key.
      beforeStart: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        service.lease = keeper;
      },
    });
    onTestFinished(() => service.stop(50));
    service.openKeysAhead();
    await expect(service.call('overview.get', [{ rows: 1 }])).rejects.toMatchObject({ code: 'lease-over' });
    expect(read).not.toHaveBeenCalled();
  });

  it('keeps no view for the next start', async () => {
    const write = vi.fn();
    const { service, called } = await start({ view: { read: () => null, write, forget: vi.fn() } as unknown as FirstView });
    await service.keepFirstView(10, 100);
    expect(write).not.toHaveBeenCalled();
    expect(called()).toEqual([]);
  });

  it('withholds an answer that was under way when it ended', async () => {
    keeper.isOver = false;
    const { service } = await start({
      behaviour: (message, engine) => {
        if (message.type === 'call') keeper.isOver = true;
        wellEngine(message, engine);
      },
    });
    await expect(service.call('messages.list', [{ mailboxKey: '1', filter: 'all', offset: 0, limit: 1 }])).rejects.toMatchObject({
      code: 'lease-over',
    });
  });

  it('lets what was being written be saved in the moment in which it ends, and nothing else', async () => {
    keeper.isSaving = true;
    const { service, called } = await start();
    const { handlers } = handlersOf(service);
    for (const name of callNames.filter((one) => !OPEN.includes(one))) await handlers[name](given).catch(() => undefined);
    expect(called()).toEqual(['drafts.save', 'drafts.addFile', 'drafts.removeFile']);
  });

  it('refuses to save mail to a file, the recovery key, and the names of mailboxes', async () => {
    const { service, called } = await start({ behaviour: withSync });
    const file = { entryId: 1 as never, within: [], index: null, targetPath: '/tmp/never', mayOverwrite: false };
    await expect(service.save(file)).rejects.toMatchObject({ code: 'lease-over' });
    await expect(service.recoveryKey()).rejects.toMatchObject({ code: 'lease-over' });
    expect(called()).toEqual([]);
    expect(syncOf('primary').failedMailboxes).not.toEqual([]);
    expect(await service.call('sync.state', [])).toEqual([syncOf('primary', { failedMailboxes: [] })]);
  });

  it('leaves the app its own work, which shows nobody any mail', async () => {
    const { service, called } = await start();
    expect(await service.behind.call('accounts.list', [])).toBeNull();
    await service.setPolicy('anna@company.example', { managed: {}, template: null, own: null });
    expect(called()).toEqual(['accounts.list']);
  });
});
