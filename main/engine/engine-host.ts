import type { AppToEngine, EngineEventName, EnginePort, EngineToApp } from '../../shared/ipc/engine-port.ts';
import type { EventPayload } from '../../shared/ipc/events.ts';
import { MailError, packError, unpackError, type PackedError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { Secret, Service, Side } from '../../shared/model/account.ts';
import { answerCall } from './calls.ts';
import { systemClock } from './core/clock.ts';
import type { Log, LogEntry } from './core/log.ts';
import type { ContinuityEngine } from './engine.ts';
import { proxyUnknown, type ProxyFinder } from './core/proxy/proxy-finder.ts';
import { openEngine } from './open-engine.ts';
import type { SecretStore } from './secrets.ts';
import { damageNotice, endDamageNotice } from './store/mend/notice.ts';

/** The servers are asked after the first list was shown, or after this where nobody asks for one. */
const SYNC_AFTER_MS = 500;

/** How long the work in hand may take to end before a damaged store is opened anew. */
const DAMAGE_STOP_MS = 2_000;

const stores = ({ store }: ContinuityEngine) => ({ outbox: store.outboxHandle.path, mirror: store.handle.path });

type Port = EnginePort<EngineToApp, AppToEngine>;
type Start = Extract<AppToEngine, { type: 'start' }>;
type Answer = Extract<AppToEngine, { type: 'secret.answer' }>['answer'];
type WayAnswer = Pick<Extract<AppToEngine, { type: 'proxy.answer' }>, 'ways' | 'caFile'>;

/** The engine behind a port: one start, calls with answers, events, and secrets asked back from the app process. */
export class EngineHost {
  readonly #port: Port;
  readonly #onStopped: () => void;
  readonly #log: Log;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #askedProxies = new Map<number, (answer: WayAnswer) => void>();
  #nextAsk = 1;
  #engine: ContinuityEngine | null = null;
  #isStarted = false;
  #beginSync: (() => void) | null = null;
  #notice: PackedError | null = null;

  constructor(port: Port, onStopped: () => void) {
    this.#port = port;
    this.#onStopped = onStopped;
    const write = (level: 'debug' | 'info' | 'warn' | 'error') => (entry: LogEntry) => port.send({ type: 'log', level, entry });
    this.#log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  listen(): void {
    this.#port.onMessage((message) => this.#handle(message));
  }

  #handle(message: AppToEngine): void {
    switch (message.type) {
      case 'start':
        void this.#start(message);
        break;
      case 'call':
        this.#answer(message.id, async (engine) => {
          const value = await answerCall(engine, message.name, message.args);
          if (message.name === 'overview.get') this.#beginSync?.();
          return value;
        });
        break;
      case 'attachment.save':
        this.#answer(message.id, async (engine) => (await import('./save-attachment.ts')).saveAttachment(engine, message));
        break;
      case 'policy.set':
        this.#answer(message.id, async (engine) => {
          engine.setPolicy(message.email, message.managed, message.own);
          if (message.template) await engine.followTemplate(message.email, message.template, message.secrets ?? null);
          return null;
        });
        break;
      case 'secret.answer':
        this.#asked.get(message.id)?.(message.answer);
        this.#asked.delete(message.id);
        break;
      case 'proxy.answer':
        this.#askedProxies.get(message.id)?.(message);
        this.#askedProxies.delete(message.id);
        break;
      case 'power':
        this.#engine?.powerChanged(message.suspended);
        break;
      case 'lease':
        this.#noteLease(message.isOver);
        break;
      case 'network':
        this.#engine?.networkChanged(message.online, message.hasMoved);
        break;
      case 'store.retry':
        this.#engine?.retryStore();
        break;
      case 'stop':
        void this.#stop();
        break;
    }
  }

  #noteLease(isLeaseOver: boolean): void {
    try {
      this.#engine?.journal.append('policy-changed', null, { isLeaseOver });
    } catch (error) {
      // A disk that refuses it is told by store-health; the lease itself is kept by the app.
      this.#log.error({ ev: 'host.lease-not-noted', code: packError(error).code });
    }
  }

  async #start({ profileDir, storeKey, locale, mayCreate }: Start): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    try {
      const onEvent = <N extends EngineEventName>(name: N, payload: EventPayload<N>) => this.#port.send({ type: 'event', name, payload });
      const onDamage = () => this.#startAnew();
      const onStoreHealth = (fault: PackedError | null) => this.#port.send({ type: 'store.health', fault });
      const place = { profileDir, storeKey, locale, create: mayCreate };
      const asked = { secrets: this.#secrets(), proxies: this.#proxies() };
      const engine = await openEngine({ ...place, ...asked, log: this.#log, onEvent, onDamage, onStoreHealth });
      this.#engine = engine;
      this.#notice = damageNotice(stores(engine));
      this.#port.send(this.#notice === null ? { type: 'ready' } : { type: 'ready', notice: this.#notice });
      const cancel = systemClock.after(SYNC_AFTER_MS, () => this.#beginSync?.());
      this.#beginSync = () => {
        cancel();
        this.#beginSync = null;
        this.#begin(engine);
      };
    } catch (error) {
      this.#log.error({ ev: 'host.start-failed', code: packError(error).code, detail: packError(error).detail });
      this.#port.send({ type: 'failed', error: packError(error) });
      this.#onStopped();
    }
  }

  /** A disk that has filled up since the store was opened: in this life no mail would be looked for any more. The next one tells what is wrong. */
  #begin(engine: ContinuityEngine): void {
    try {
      engine.start();
    } catch (error) {
      this.#log.error({ ev: 'host.not-begun', code: packError(error).code });
      this.#startAnew();
    }
  }

  /** Ends without a farewell: the app starts another engine at once, and that one mends the store. */
  #startAnew(): void {
    const ended = this.#engine?.stop() ?? Promise.resolve();
    void Promise.race([ended.catch(() => undefined), new Promise<void>((resolve) => systemClock.after(DAMAGE_STOP_MS, resolve))]).then(() =>
      this.#onStopped(),
    );
  }

  #answer(id: number, work: (engine: ContinuityEngine) => Promise<unknown>): void {
    const engine = this.#engine;
    const run = engine
      ? work(engine)
      : Promise.reject(new MailError('store-locked', { scope: 'store', retry: 'later', detail: 'engine is not ready' }));
    run.then(
      (value) => this.#port.send({ type: 'result', id, outcome: { ok: true, value } }),
      (error: unknown) => {
        const packed = packError(error);
        this.#log.warn({ ev: 'host.call-failed', code: packed.code });
        this.#port.send({ type: 'result', id, outcome: { ok: false, error: packed } });
      },
    );
  }

  #ask(make: (id: number) => EngineToApp): Promise<Secret | null> {
    const id = this.#nextAsk++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, (answer) => {
        if (answer.ok) resolve(answer.secret);
        else reject(unpackError(answer.error));
      });
      this.#port.send(make(id));
    });
  }

  #secrets(): SecretStore {
    const ref = (id: number, accountId: AccountId, side: Side, service: Service) => ({ id, accountId, side, service });
    return {
      get: (...of) => this.#ask((id) => ({ type: 'secret.get', ...ref(id, ...of) })),
      set: async (accountId, side, service, secret) => {
        await this.#ask((id) => ({ type: 'secret.set', ...ref(id, accountId, side, service), secret }));
      },
      delete: async (...of) => {
        await this.#ask((id) => ({ type: 'secret.delete', ...ref(id, ...of) }));
      },
    };
  }

  /** The app knows what IT holds and what the system says: it is asked before each connection. */
  #proxies(): ProxyFinder {
    const ask = (host: string, port: number): Promise<WayAnswer> => {
      const id = this.#nextAsk++;
      return new Promise((resolve) => {
        this.#askedProxies.set(id, resolve);
        this.#port.send({ type: 'proxy.find', id, host, port });
      });
    };
    return {
      find: async (host, port) => {
        const { ways } = await ask(host, port);
        if (ways === 'unknown') throw proxyUnknown();
        return ways;
      },
      // It is the same for every server; of this machine no system is asked which proxy it has.
      caFile: async () => (await ask('localhost', 443)).caFile,
    };
  }

  async #stop(): Promise<void> {
    this.#beginSync = null;
    try {
      await this.#engine?.stop();
      if (this.#engine && this.#notice) endDamageNotice(stores(this.#engine), this.#notice);
    } catch (error) {
      this.#log.error({ ev: 'host.stop-failed', code: packError(error).code });
    }
    this.#port.send({ type: 'stopped' });
    this.#onStopped();
  }
}
