import { accountConfigSchema, type Service, type Side } from '../../shared/model/account.ts';
import type { ContinuityConfig } from '../../shared/model/continuity-config.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { MailError, packError, type ErrorCode } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import { limits } from '../../shared/limits.ts';
import type { DeliverySource } from '../../main/engine/continuity/delivery-watch.ts';
import { ContinuityMonitor } from '../../main/engine/continuity/monitor.ts';
import { Backoff } from '../../main/engine/core/backoff.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { Random } from '../../main/engine/core/random.ts';
import type { ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { ManualClock } from './manual-clock.ts';
import { noDeliveries } from './no-deliveries.ts';
import { seededRandom } from './random.ts';
import { StoreFixture } from './store-fixture.ts';

/** How an endpoint behaves. `silent`: takes connections and never says a word; `no-route`: the network says so at once. */
export type Weather = 'up' | 'refused' | 'silent' | 'login-refused' | 'no-route' | 'no-name' | 'too-many';

const CODES: Readonly<Record<Exclude<Weather, 'up' | 'silent'>, ErrorCode>> = {
  refused: 'connect-refused',
  'login-refused': 'auth-rejected',
  'no-route': 'network-unreachable',
  'no-name': 'dns-failed',
  'too-many': 'too-many-connections',
};

const errorOf = (code: ErrorCode): MailError =>
  new MailError(code, { scope: code === 'auth-rejected' ? 'account' : 'connection', retry: code === 'auth-rejected' ? 'ask' : 'later' });

/** A mirror as the monitor sees it: connects, stands, is lost, comes back with the real backoff. */
class MirrorModel {
  readonly #rig: WeatherRig;
  readonly #backoff: Backoff;
  #cancel: () => void = () => undefined;
  state: SideSyncState;

  constructor(rig: WeatherRig, side: Side) {
    this.#rig = rig;
    this.#backoff = new Backoff({ clock: rig.clock, random: rig.random });
    const counts = { headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 };
    const times = { lastCompleteAt: null, completeSince: null, retryAt: null };
    this.state = {
      accountId: rig.accountId,
      side,
      phase: 'stopped',
      isConnected: false,
      error: null,
      failedMailboxes: [],
      ...counts,
      ...times,
    };
  }

  attempt(): void {
    this.#cancel();
    this.#patch({ phase: 'connecting' });
    const { side } = this.state;
    this.#rig.note(side, 'imap', 'mirror');
    const weather = this.#rig.weatherOf(side, 'imap');
    if (weather === 'silent') this.#after(limits.connectTimeoutMs, () => this.#failed('connect-timeout'));
    else if (weather !== 'up') this.#failed(CODES[weather]);
    else {
      this.#backoff.connected();
      this.#patch({ isConnected: true, error: null });
      this.#patch({ phase: 'watching' });
    }
  }

  /** Somebody asks for a look: ends the wait. */
  look(): void {
    if (this.state.phase === 'waiting-to-retry') this.attempt();
  }

  /** A complete look at every mailbox has ended, everything is here. */
  looked(): void {
    if (this.state.isConnected) this.#patch({ lastCompleteAt: this.#rig.clock.now(), completeSince: 0, phase: 'watching' });
  }

  /** A mailbox cannot be read any more. */
  fails(paths: string[]): void {
    this.#patch({ failedMailboxes: paths });
  }

  /** Ends the connection as a server does that restarts. */
  drop(): void {
    if (this.state.isConnected) this.#lost('connection-lost');
  }

  weatherChanged(): void {
    const weather = this.#rig.weatherOf(this.state.side, 'imap');
    if (this.state.phase !== 'watching') return;
    this.#cancel();
    if (weather === 'up' && !this.state.isConnected) this.#patch({ isConnected: true });
    // A wrong password and a full server show when somebody knocks.
    if (weather === 'refused') this.#lost('connection-lost');
    if (weather !== 'silent' && weather !== 'no-route' && weather !== 'no-name') return;
    this.#after(this.#rig.random.next() * limits.idleRenewMs + limits.silenceMs, () => {
      this.#patch({ isConnected: false });
      this.#after(limits.stallTimeoutMs - limits.silenceMs, () => this.#failed('server-timeout'));
    });
  }

  stop(): void {
    this.#cancel();
    this.#patch({ phase: 'stopped', isConnected: false });
  }

  #lost(code: ErrorCode): void {
    this.#backoff.lost();
    this.#patch({ isConnected: false, error: packError(errorOf(code)) });
    this.#failed(code);
  }

  #failed(code: ErrorCode): void {
    const error = packError(errorOf(code));
    this.#patch({ phase: 'waiting-to-retry', isConnected: false, error });
    this.#after(error.retry === 'ask' ? limits.backoffMaxMs : this.#backoff.nextDelayMs(), () => this.attempt());
  }

  #after(ms: number, callback: () => void): void {
    this.#cancel();
    this.#cancel = this.#rig.clock.after(ms, callback);
  }

  #patch(change: Partial<SideSyncState>): void {
    this.state = { ...this.state, ...change };
    this.#rig.monitor.sideChanged(this.state);
  }
}

export interface WeatherOptions {
  readonly seed?: number;
  readonly hasRelay?: boolean;
  readonly hasSmtp?: boolean;
  readonly continuity?: Partial<ContinuityConfig>;
  readonly host?: string;
  readonly deliveries?: DeliverySource;
}

/** A connection attempt as a server would count it. */
export interface Knock {
  readonly at: number;
  readonly side: Side;
  readonly service: Service;
  readonly by: 'mirror' | 'probe';
}

/** The monitor on a real store, a clock moved by hand, and servers that behave as told. */
export class WeatherRig {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly knocks: Knock[] = [];
  readonly states: ContinuityState[] = [];
  readonly changes: string[] = [];
  readonly accountId: AccountId;
  readonly deliveries: DeliverySource;
  readonly #fixture = new StoreFixture();
  readonly #weather = new Map<string, Weather>();
  #mirrors: MirrorModel[] = [];
  #close: () => void = () => undefined;
  store!: EngineStore;
  monitor!: ContinuityMonitor;

  constructor({ seed = 1, hasRelay = true, hasSmtp = true, continuity = {}, host = 'mail.example.com', deliveries }: WeatherOptions = {}) {
    this.random = seededRandom(seed);
    this.deliveries = deliveries ?? noDeliveries;
    this.#open();
    const endpoint = (port: number) => ({ host, port, security: 'tls' as const, user: 'anna' });
    const side = (n: number) => ({ imap: endpoint(n), smtp: hasSmtp ? endpoint(n + 1) : null });
    const config = accountConfigSchema.parse({
      ...{ email: 'anna@example.com', primary: side(1000), relay: hasRelay ? side(2000) : null, continuity },
    });
    this.accountId = this.store.accounts.add(config, this.clock.now()).id;
  }

  weatherOf(side: Side, service: Service): Weather {
    return this.#weather.get(`${side}/${service}`) ?? 'up';
  }

  get state(): ContinuityState {
    return this.monitor.state(this.accountId);
  }

  get mode(): string {
    return this.monitor.mode(this.accountId);
  }

  get route() {
    return this.monitor.route(this.accountId);
  }

  get outages() {
    return this.store.outages.list(this.accountId, 100);
  }

  /** Starts monitor and mirrors. */
  async start(): Promise<this> {
    this.monitor.start();
    this.#mirrors = [new MirrorModel(this, 'primary')];
    if (this.store.accounts.get(this.accountId).config.relay !== null) this.#mirrors.push(new MirrorModel(this, 'relay'));
    for (const mirror of this.#mirrors) mirror.attempt();
    await this.clock.advance(0);
    return this;
  }

  /** Sets how one endpoint behaves, or both of a side. */
  set(side: Side, weather: Weather, service?: Service): void {
    for (const one of service === undefined ? (['imap', 'smtp'] as const) : [service]) this.#weather.set(`${side}/${one}`, weather);
    if (service !== 'smtp') this.mirror(side)?.weatherChanged();
  }

  mirror(side: Side): MirrorModel | undefined {
    return this.#mirrors.find((one) => one.state.side === side);
  }

  /** What a switched-off network does to all sides; the system may tell or not. */
  setNetwork(isOn: boolean, isTold = true): void {
    for (const side of ['primary', 'relay'] as const) this.set(side, isOn ? 'up' : 'no-route');
    if (!isTold) return;
    this.monitor.networkChanged(isOn);
    if (isOn) for (const mirror of this.#mirrors) mirror.look();
  }

  note(side: Side, service: Service, by: Knock['by']): void {
    this.knocks.push({ at: this.clock.monotonic(), side, service, by });
  }

  /** Ends everything as a kill would, and starts again on the same store. */
  async restart(): Promise<void> {
    await this.#stop();
    this.#open();
    await this.start();
  }

  async close(): Promise<void> {
    await this.#stop();
    this.#fixture.remove();
  }

  async #stop(): Promise<void> {
    for (const mirror of this.#mirrors) mirror.stop();
    await this.monitor.stop();
    this.#close();
  }

  #open(): void {
    const { clock, random } = this;
    const stores = openProfileStores({ dir: this.#fixture.dir, key: this.#fixture.key, clock, log: silentLog, create: true });
    this.#close = () => {
      stores.handle.close();
      stores.outboxHandle.close();
    };
    this.store = createEngineStore(stores.handle, stores.outboxHandle);
    this.monitor = new ContinuityMonitor({
      deps: { clock, random, log: silentLog, imap: this.#imap(), smtp: this.#smtp() },
      store: this.store,
      credentials: () => Promise.resolve({ type: 'password', password: 'x' }),
      reject: () => undefined,
      onAlert: () => undefined,
      step: () => undefined,
      look: (_id, side) => this.mirror(side)?.look(),
      deliveries: this.deliveries,
      onStates: (states) => this.states.push(...states),
    });
    this.monitor.onChange((now, before) => {
      if (now.mode !== before.mode) this.changes.push(`${before.mode}>${now.mode}`);
    });
  }

  async #answer(side: Side, service: Service, signal: AbortSignal | undefined, onStep?: (step: 'connect') => void): Promise<void> {
    this.note(side, service, 'probe');
    const weather = this.weatherOf(side, service);
    if (weather === 'up') return;
    if (weather !== 'silent') throw errorOf(CODES[weather]);
    onStep?.('connect');
    await this.clock.sleep(600_000, signal);
    throw errorOf('server-timeout');
  }

  #imap(): ImapGateway {
    return {
      connect: async (_endpoint, _credentials, { side, signal, onStep }) => {
        await this.#answer(side, 'imap', signal, onStep);
        return { close: () => Promise.resolve() } as ImapSession;
      },
    };
  }

  #smtp(): SmtpGateway {
    return {
      verify: (_endpoint, _credentials, { side, signal, onStep }) => this.#answer(side, 'smtp', signal, onStep),
      submit: () => Promise.reject(new Error('nothing is submitted here')),
    };
  }
}
