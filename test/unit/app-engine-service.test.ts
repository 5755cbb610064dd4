import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EngineProcess } from '../../main/app/engine-process.ts';
import { EngineService } from '../../main/app/engine-service.ts';
import type { FirstView, Overview } from '../../main/app/first-view.ts';
import { StoreAccess, type KeysAnswer, type LockReason } from '../../main/app/store-access.ts';
import { MailError } from '../../shared/errors.ts';
import type { EngineState } from '../../shared/model/sync.ts';
import { fakeEngines, wellEngine, type EngineBehaviour } from '../support/fake-engine-child.ts';

const log = { write: () => undefined };
const secrets = { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() };
const wrong = new MailError('passphrase-wrong', { scope: 'store', retry: 'ask' });
const foreign = new MailError('recovery-key-wrong', { scope: 'store', retry: 'ask' });
const recover = (text: string): Promise<KeysAnswer> => (text === 'right' ? Promise.resolve(ready) : Promise.reject(foreign));
const ready: KeysAnswer = { status: 'ready', storeKey: new Uint8Array(32), secrets, recover };

function locked(reason: LockReason, right = 'right'): KeysAnswer {
  return { status: 'locked', reason, recover, unlock: (given) => (given === right ? Promise.resolve(ready) : Promise.reject(wrong)) };
}

function setUp(openKeys: () => Promise<KeysAnswer>, ...behaviours: EngineBehaviour[]) {
  return setUpWith(undefined, openKeys, ...behaviours);
}

function setUpWith(firstView: FirstView | undefined, openKeys: () => Promise<KeysAnswer>, ...behaviours: EngineBehaviour[]) {
  const { fork, lives } = fakeEngines(...(behaviours.length > 0 ? behaviours : [wellEngine]));
  const states: EngineState[] = [];
  const engine = new EngineProcess({ fork, log, onPhase: () => service.announce(), onEvent: () => undefined, restartDelaysMs: [1] });
  const service: EngineService = new EngineService({
    access: new StoreAccess(openKeys, log),
    engine,
    profileDir: '/profile',
    onState: (state) => void states.push(state),
    ...(firstView ? { firstView } : {}),
  });
  onTestFinished(() => service.stop(50));
  return { service, lives, states };
}

const running = (service: EngineService) => vi.waitFor(() => expect(service.state().phase).toBe('running'));

describe('engine and keys together', () => {
  it('start, run and answer', async () => {
    const { service, states, lives } = setUp(() => Promise.resolve(ready));
    expect(service.state()).toEqual({ phase: 'starting', error: null, lock: 'none' });
    await service.start('de-DE');
    await running(service);
    expect(await service.call('accounts.list', [])).toBeNull();
    expect(states.map(({ phase }) => phase)).toEqual(['starting', 'starting', 'running']);
    expect(lives[0]?.received[0]).toMatchObject({ locale: 'de-DE' });
  });

  it('let calls wait while the keyring is being asked and the engine starts', async () => {
    let open: (answer: KeysAnswer) => void = () => undefined;
    const keys = new Promise<KeysAnswer>((resolve) => (open = resolve));
    const { service } = setUp(() => keys);
    void service.start('en');
    const call = service.call('accounts.list', []);
    expect(service.state().phase).toBe('starting');
    open(ready);
    expect(await call).toBeNull();
  });

  it('say that the store is locked, and start no engine until it is unlocked', async () => {
    const { service, lives } = setUp(() => Promise.resolve(locked('enter-passphrase')));
    expect(await service.start('en')).toEqual({ phase: 'locked', error: null, lock: 'enter-passphrase' });
    await expect(service.call('accounts.list', [])).rejects.toMatchObject({ code: 'store-locked', retry: 'ask' });
    await expect(service.unlock('wrong')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    expect(service.state().phase).toBe('locked');
    expect(lives).toHaveLength(0);
    await service.unlock('right');
    await running(service);
    expect(service.state().lock).toBe('none');
  });

  it('let a passphrase be chosen only where there is none yet, and entered only where there is one', async () => {
    const choosing = setUp(() => Promise.resolve(locked('choose-passphrase'))).service;
    await choosing.start('en');
    await expect(choosing.unlock('right')).rejects.toMatchObject({ code: 'call-rejected' });
    expect((await choosing.choosePassphrase('right')).phase).toBe('starting');
    const entering = setUp(() => Promise.resolve(locked('enter-passphrase'))).service;
    await entering.start('en');
    await expect(entering.choosePassphrase('right')).rejects.toMatchObject({ code: 'call-rejected' });
    await running(choosing);
    await expect(choosing.unlock('right')).rejects.toMatchObject({ code: 'call-rejected' });
  });

  it('ask the keyring again on retry, once however often it is asked for meanwhile', async () => {
    let asked = 0;
    let atOnce = 0;
    let most = 0;
    const { service } = setUp(async () => {
      asked += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce -= 1;
      return asked < 3 ? locked('keyring-unavailable') : ready;
    });
    expect((await service.start('en')).lock).toBe('keyring-unavailable');
    await Promise.all([service.retry(), service.retry(), service.retry()]);
    expect(asked).toBe(2);
    await service.retry();
    await running(service);
    expect(asked).toBe(3);
    expect(most).toBe(1);
  });

  it('say why the keys could not be opened at all', async () => {
    let isBroken = true;
    const { service } = setUp(() => {
      if (isBroken) return Promise.reject(new MailError('store-key-missing', { scope: 'store', retry: 'ask' }));
      return Promise.resolve(ready);
    });
    expect(await service.start('en')).toMatchObject({ phase: 'failed', error: { code: 'store-key-missing' }, lock: 'none' });
    await expect(service.call('accounts.list', [])).rejects.toMatchObject({ code: 'store-key-missing' });
    isBroken = false;
    await service.retry();
    await running(service);
  });

  it.each(['enter-passphrase', 'keyring-unavailable', 'key-lost'] as const)(
    'take the recovery key where they are locked by %s',
    async (reason) => {
      const { service, lives } = setUp(() => Promise.resolve(locked(reason)));
      await service.start('en');
      await expect(service.recover('wrong', null)).rejects.toMatchObject({ code: 'recovery-key-wrong' });
      expect(service.state()).toMatchObject({ phase: 'locked', lock: reason });
      expect(lives).toHaveLength(0);
      await service.recover('right', null);
      await running(service);
      await expect(service.recover('right', null)).rejects.toMatchObject({ code: 'call-rejected' });
      expect(await service.recoveryKey()).toMatch(/^0{5}-/u);
    },
  );

  it('give no recovery key, take none and set nothing aside before there is a store', async () => {
    const { service } = setUp(() => Promise.resolve(locked('choose-passphrase')));
    await service.start('en');
    await expect(service.recoveryKey()).rejects.toMatchObject({ code: 'store-locked' });
    await expect(service.recover('right', null)).rejects.toMatchObject({ code: 'call-rejected' });
    await expect(service.setAside()).rejects.toMatchObject({ code: 'call-rejected' });
  });

  it('count a key that the engine found wrong as lost: the recovery key helps, and a keyring put right', async () => {
    const error = { code: 'store-key-wrong', scope: 'store', retry: 'ask', side: null, detail: '' };
    const refusing: EngineBehaviour = (message, fake) => (message.type === 'start' ? fake.send({ type: 'failed', error }) : undefined);
    let asked = 0;
    const open = () => Promise.resolve(((asked += 1), ready));
    const { service } = setUp(open, refusing, refusing, wellEngine);
    await service.start('en');
    await vi.waitFor(() =>
      expect(service.state()).toMatchObject({ phase: 'locked', lock: 'key-lost', error: { code: 'store-key-wrong' } }),
    );
    await service.retry();
    await vi.waitFor(() => expect(service.state().lock).toBe('key-lost'));
    expect(asked).toBe(2);
    await service.recover('right', null);
    await running(service);
    expect(service.state().lock).toBe('none');
  });

  it('say why the engine failed, and start it again on retry', async () => {
    const error = { code: 'store-full', scope: 'store', retry: 'ask', side: null, detail: '' };
    const { service } = setUp(
      () => Promise.resolve(ready),
      (message, fake) => (message.type === 'start' ? fake.send({ type: 'failed', error }) : undefined),
      wellEngine,
    );
    await service.start('en');
    await vi.waitFor(() => expect(service.state().phase).toBe('failed'));
    expect(service.state().error?.code).toBe('store-full');
    await expect(service.call('accounts.list', [])).rejects.toMatchObject({ code: 'store-full' });
    await service.retry();
    await running(service);
    expect(service.state().error).toBeNull();
  });
});

describe('the view kept from the last run', () => {
  const kept = { isProvisional: true } as Overview;
  const view = (written: Overview[] = []) =>
    ({
      read: () => kept,
      write: (_: Uint8Array, one: Overview) => void written.push(one),
      forget: () => undefined,
    }) as unknown as FirstView;
  const ask = (service: EngineService) => service.call('overview.get', [{ rows: 50 }]);

  it('is the answer while the engine starts, and never again once it runs', async () => {
    const { service } = setUpWith(view(), () => Promise.resolve(ready));
    service.openKeysAhead();
    expect(await ask(service)).toBe(kept);
    // Other calls wait for an engine that has not even been started.
    const opened = service.call('accounts.list', []);
    await service.start('en');
    expect(await opened).toBeNull();
    await running(service);
    expect(await ask(service)).toBeNull();
  });

  it('is not shown while the store is locked, nor when the engine cannot open it', async () => {
    const { service } = setUpWith(view(), () => Promise.resolve(locked('enter-passphrase')));
    await service.start('en');
    await expect(ask(service)).rejects.toMatchObject({ code: 'store-locked' });
    const failing = setUpWith(
      view(),
      () => Promise.resolve(ready),
      (message, engine) => {
        const error = { code: 'store-corrupt', scope: 'store', retry: 'ask', side: null, detail: '' };
        if (message.type === 'start') engine.send({ type: 'failed', error });
      },
    ).service;
    await failing.start('en');
    await vi.waitFor(() => expect(failing.state().phase).toBe('failed'));
    await expect(ask(failing)).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('is kept when the app is closed, from what the engine says then', async () => {
    const written: Overview[] = [];
    const { service } = setUpWith(view(written), () => Promise.resolve(ready));
    await service.keepFirstView(50, 500);
    expect(written).toEqual([]);
    await service.start('en');
    await running(service);
    await service.keepFirstView(50, 500);
    expect(written).toEqual([null]);
  });
});
