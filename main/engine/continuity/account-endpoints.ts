import { isLoopbackHost, type Account, type Service, type Side } from '../../../shared/model/account.ts';
import type { EndpointRef, EndpointState } from '../../../shared/model/continuity.ts';
import { MailError } from '../../../shared/errors.ts';
import { AWAIT_MS, type SideWeather, type Weather } from './decide.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import { stableAt } from './health.ts';

/** The endpoints an account has, in a fixed order. */
export function endpointsOf({ config }: Account): EndpointRef[] {
  return (['primary', 'relay'] as const).flatMap((side) =>
    (['imap', 'smtp'] as const).filter((service) => config[side]?.[service]).map((service) => ({ side, service })),
  );
}

/** True when all of them are on this machine: its network has no part in them. */
export function isOnLoopback({ config }: Account): boolean {
  return [config.primary.imap, config.primary.smtp, config.relay?.imap, config.relay?.smtp].every(
    (one) => !one || isLoopbackHost(one.host),
  );
}

/** The watches of one account. */
export class AccountEndpoints {
  readonly #watches: readonly EndpointWatch[];

  constructor(watches: readonly EndpointWatch[]) {
    this.#watches = watches;
  }

  get states(): EndpointState[] {
    return this.#watches.map(({ health }) => {
      const { endpoint, since, lastGoodAt, lastError } = health;
      return { endpoint, health: health.health, since, lastGoodAt, lastError };
    });
  }

  /** A live connection stands and answers. */
  get isConnected(): boolean {
    return this.#watches.some(({ health }) => health.isLive && health.health === 'up');
  }

  /** Milliseconds since 1970 of the first failure that is not over; of one side, or of all. */
  troubleAt(side?: Side): number | null {
    const watches = side === undefined ? this.#watches : this.#of(side);
    const times = watches.map(({ health }) => health.troubleAt).filter((one): one is number => one !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Milliseconds since 1970 since when something of the primary is down. */
  get downSince(): number | null {
    return this.#of('primary').find(({ health }) => health.health === 'down')?.health.since ?? null;
  }

  get(side: Side, service: Service): EndpointWatch | undefined {
    return this.#watches.find(({ endpoint }) => endpoint.side === side && endpoint.service === service);
  }

  start(): void {
    for (const watch of this.#watches) watch.start();
  }

  pause(): void {
    for (const watch of this.#watches) watch.pause();
  }

  /** Failures may have been our own network's. */
  forget(): void {
    for (const watch of this.#watches) watch.forget();
  }

  /** The trouble is over: of one side, or of all. */
  settle(side?: Side): void {
    for (const watch of side === undefined ? this.#watches : this.#of(side)) watch.settle();
  }

  async probeAll(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.probeNow()));
  }

  /** Running time at which time alone may bring another verdict; null for never. */
  nextVerdictAt(t: number, stableMs: number): number | null {
    const due = this.#watches.map(({ health }) => (health.hasFailed ? stableAt(health, stableMs) : null));
    for (const { health } of this.#of('primary')) if (health.failingSince !== null) due.push(health.failingSince + AWAIT_MS);
    const ahead = due.filter((one): one is number => one !== null && one > t);
    return ahead.length === 0 ? null : Math.min(...ahead);
  }

  weather<T>(of: T): T & Pick<Weather, 'primary' | 'relay'> {
    const primary = this.#side('primary');
    if (!primary) throw new MailError('internal', { scope: 'account', retry: 'never', detail: 'no primary' });
    return { ...of, primary, relay: this.#side('relay') };
  }

  #side(side: Side): SideWeather | null {
    const imap = this.get(side, 'imap')?.health;
    return imap ? { imap, smtp: this.get(side, 'smtp')?.health ?? null } : null;
  }

  #of(side: Side): EndpointWatch[] {
    return this.#watches.filter(({ endpoint }) => endpoint.side === side);
  }
}
