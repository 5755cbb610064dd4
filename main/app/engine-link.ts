import { MailError, packError, unpackError } from '../../shared/errors.ts';
import { engineToAppSchema, type AppToEngine, type EnginePort, type EngineToApp } from '../../shared/ipc/engine-port.ts';
import type { CallArgs, EngineCall } from '../../shared/ipc/contract.ts';
import { events } from '../../shared/ipc/events.ts';
import type { EngineEventName } from '../../shared/ipc/engine-port.ts';
import type { EngineLinkListener, EngineLinkOptions, FindWay, HeldRules, PendingCall, SaveRequest } from './engine-link-types.ts';
import type { AppLog } from './log-file.ts';
import type { Secrets } from './secrets.ts';

const lost = () => new MailError('internal', { scope: 'store', retry: 'now', detail: 'engine-ended' });
const late = () => new MailError('internal', { scope: 'store', retry: 'later', detail: 'engine-timeout' });

/** One life of the engine process, seen from the app: calls with deadlines, secrets on request, events. */
export class EngineLink {
  readonly #port: EnginePort<AppToEngine, unknown>;
  readonly #listener: EngineLinkListener;
  readonly #log: AppLog;
  readonly #secrets: Secrets;
  readonly #findWay: FindWay | undefined;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  #isClosed = false;

  constructor(options: EngineLinkOptions) {
    this.#port = options.port;
    this.#listener = options.listener;
    this.#secrets = options.secrets;
    this.#findWay = options.findWay;
    this.#log = options.log;
    this.#port.onMessage((message) => this.#receive(message));
  }

  /** @throws MailError of the engine; `internal` when it ends (retry now) or does not answer in time (retry later). */
  call<N extends EngineCall>(name: N, args: CallArgs<N>, timeoutMs: number): Promise<unknown> {
    return this.#request(timeoutMs, (id) => ({ type: 'call', id, name, args }));
  }

  /** Lets the engine write one attachment to the place the person chose. @throws like call() */
  save(request: SaveRequest, timeoutMs: number): Promise<unknown> {
    return this.#request(timeoutMs, (id) => ({ type: 'attachment.save', id, ...request }));
  }

  /** Tells the engine what IT holds of an account. @throws like call() */
  setPolicy(email: string, rules: HeldRules, timeoutMs: number): Promise<unknown> {
    return this.#request(timeoutMs, (id) => ({ type: 'policy.set', id, email, ...rules }));
  }

  send(message: Extract<AppToEngine, { type: 'start' | 'power' | 'network' | 'lease' | 'store.retry' | 'stop' }>): void {
    if (!this.#isClosed) this.#port.send(message);
  }

  /** The process has ended: everything that waits is rejected, nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const entry of waiting) {
      clearTimeout(entry.timer);
      entry.reject(lost());
    }
  }

  #request(timeoutMs: number, build: (id: number) => AppToEngine): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(lost());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(late());
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#port.send(build(id));
    });
  }

  #receive(raw: unknown): void {
    const parsed = engineToAppSchema.safeParse(raw);
    if (this.#isClosed) return;
    if (!parsed.success) return this.#log.write('error', { ev: 'engine.bad-message', issues: parsed.error.issues.length });
    const message = parsed.data;
    switch (message.type) {
      case 'ready':
        return this.#listener.onReady(message.notice ?? null);
      case 'failed':
        return this.#listener.onFailed(message.error);
      case 'stopped':
        return this.#listener.onStopped();
      case 'store.health':
        return this.#listener.onStoreHealth(message.fault);
      case 'log':
        return this.#log.write(message.level, message.entry);
      case 'result':
        return this.#settle(message);
      case 'event':
        return this.#forward(message.name, message.payload);
      case 'proxy.find':
        return void this.#answerProxy(message);
      default:
        void this.#answerSecret(message);
    }
  }

  #settle(message: Extract<EngineToApp, { type: 'result' }>): void {
    const entry = this.#pending.get(message.id);
    // An answer after its deadline is of no use to anybody.
    if (!entry) return;
    this.#pending.delete(message.id);
    clearTimeout(entry.timer);
    if (message.outcome.ok) entry.resolve(message.outcome.value);
    else entry.reject(unpackError(message.outcome.error));
  }

  #forward(name: EngineEventName, payload: unknown): void {
    const parsed = events[name].safeParse(payload);
    if (parsed.success) this.#listener.onEvent(name, parsed.data);
    else this.#log.write('error', { ev: 'engine.bad-event', name, issues: parsed.error.issues.length });
  }

  async #answerProxy({ id, host, port }: Extract<EngineToApp, { type: 'proxy.find' }>): Promise<void> {
    // Where nobody can say it, no way is the answer, and not the direct one.
    const way = await (this.#findWay?.(host, port).catch(() => ({ ways: 'unknown' as const })) ?? { ways: [null] });
    if (!this.#isClosed) this.#port.send({ type: 'proxy.answer', id, ...way });
  }

  async #answerSecret(message: Extract<EngineToApp, { type: `secret.${string}` }>): Promise<void> {
    const { id, accountId, side, service } = message;
    let answer: Extract<AppToEngine, { type: 'secret.answer' }>['answer'];
    try {
      let secret = null;
      if (message.type === 'secret.get') secret = await this.#secrets.get(accountId, side, service);
      else if (message.type === 'secret.set') await this.#secrets.set(accountId, side, service, message.secret);
      else await this.#secrets.delete(accountId, side, service);
      answer = { ok: true, secret };
    } catch (error) {
      const packed = packError(error);
      this.#log.write('warn', { ev: 'engine.secret-failed', code: packed.code, accountId, side, service });
      answer = { ok: false, error: packed };
    }
    if (!this.#isClosed) this.#port.send({ type: 'secret.answer', id, answer });
  }
}
