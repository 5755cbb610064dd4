import type { MailError, PackedError } from '../../shared/errors.ts';
import { systemClock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import type { ProxyFinder } from './core/proxy/proxy-finder.ts';
import { systemRandom } from './core/random.ts';
import { ContinuityEngine, type EngineEventListener } from './engine.ts';
import type { ImapGateway } from './imap/gateway.ts';
import { createIngest } from './ingest/ingest.ts';
import type { StoreHealth } from './store-health.ts';
import type { SecretStore } from './secrets.ts';
import type { SmtpGateway } from './smtp/gateway.ts';
import { onProfileStores } from './store/open-profile.ts';

export interface OpenEngineOptions {
  readonly profileDir: string;
  readonly storeKey: Uint8Array;
  readonly secrets: SecretStore;
  readonly log: Log;
  /** BCP 47. */
  readonly locale?: string;
  readonly onEvent: EngineEventListener;
  readonly step?: (name: string) => void;
  /** A store turned out to be damaged in use: stop and open it anew, it is mended then. */
  readonly onDamage?: () => void;
  /** The disk refuses a store, or takes what is written again (null). */
  readonly onStoreHealth?: (fault: PackedError | null) => void;
  /** Make a store where there is none (default true). */
  readonly create?: boolean;
  /** Every server is reached directly where it is left out. */
  readonly proxies?: ProxyFinder;
}

/**
 * The engine with everything real: system clock, imapflow, worker thread, encrypted store.
 * @throws MailError store-* with the remedy in its code; nothing is wiped.
 */
export async function openEngine(options: OpenEngineOptions): Promise<ContinuityEngine> {
  const { profileDir, storeKey, secrets, log, locale = 'en', onEvent, step, onDamage, onStoreHealth, create = true } = options;
  let health: StoreHealth | null = null;
  const onFault = (error: MailError) => health?.note(error);
  const place = { dir: profileDir, key: storeKey, create };
  const shared = { clock: systemClock, random: systemRandom, log };
  const ways: Ways = options.proxies ? { proxies: options.proxies } : {};
  const gateways = { imap: lateImap(log, ways), smtp: lateSmtp(ways), ...ways };
  const deps = { ...shared, ...gateways, secrets, ingest: await createIngest(shared), locale, profileDir, storeKey };
  const opening = { ...place, clock: systemClock, log, onFault, ...(onDamage ? { onDamage } : {}) };
  const engine = onProfileStores(opening, (stores) => new ContinuityEngine({ deps, stores, onEvent, ...(step ? { step } : {}) }));
  health = engine.watchDisk(
    (fault) => onStoreHealth?.(fault),
    () => onDamage?.(),
  );
  return engine;
}

type Ways = Pick<OpenEngineOptions, 'proxies'>;

/** The library is loaded when a server is first asked: what is here is shown before that. */
function lateImap(log: Log, ways: Ways): ImapGateway {
  let loaded: Promise<ImapGateway> | null = null;
  const load = async () => (await import('./imap/imapflow-gateway.ts')).createImapGateway({ clock: systemClock, log, ...ways });
  return { connect: async (...args) => (await (loaded ??= load())).connect(...args) };
}

function lateSmtp(ways: Ways): SmtpGateway {
  const load = async () => (await import('./smtp/nodemailer-gateway.ts')).createSmtpGateway(ways);
  return {
    verify: async (...args) => (await load()).verify(...args),
    submit: async (...args) => (await load()).submit(...args),
  };
}
