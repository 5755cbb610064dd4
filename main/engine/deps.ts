import type { Clock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import type { ProxyFinder } from './core/proxy/proxy-finder.ts';
import type { Random } from './core/random.ts';
import type { ImapGateway } from './imap/gateway.ts';
import type { Ingest } from './ingest/protocol.ts';
import type { SecretStore } from './secrets.ts';
import type { SmtpGateway } from './smtp/gateway.ts';

/** Everything the engine takes from outside: real in the app, chosen in tests. */
export interface EngineDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: SecretStore;
  readonly imap: ImapGateway;
  readonly smtp: SmtpGateway;
  readonly ingest: Ingest;
  /** For what is fetched over https; the gateways have their own. Every server is reached directly where it is left out. */
  readonly proxies?: ProxyFinder;
  /** BCP 47, for words and dates that the engine writes; English where it is not said. */
  readonly locale?: string;
  /** Folder of the profile; the store is `mail.db` in it. */
  readonly profileDir: string;
  /** 256-bit raw key of the store. */
  readonly storeKey: Uint8Array;
}
