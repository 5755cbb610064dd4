import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog, type Log } from '../../main/engine/core/log.ts';
import type { Credentials, ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import { createImapGateway, type ImapGatewayDeps } from '../../main/engine/imap/imapflow-gateway.ts';
import type { Endpoint, Side } from '../../shared/model/account.ts';

export interface GatewaySessionOptions {
  readonly port: number;
  readonly endpoint?: Partial<Endpoint>;
  readonly credentials?: Credentials;
  readonly side?: Side;
  readonly times?: ImapGatewayDeps['times'];
  readonly log?: Log;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string) => void;
  readonly onAlert?: (text: string) => void;
  readonly gateway?: ImapGateway;
}

/** A session of the real gateway with a server of the tests: plain, on loopback, user `alice`, unless said otherwise. */
export function openGatewaySession(options: GatewaySessionOptions): Promise<ImapSession> {
  const { port, endpoint, credentials, side = 'primary', times, log = silentLog, signal, onStep, onAlert } = options;
  const gateway = options.gateway ?? createImapGateway({ clock: systemClock, log, ...(times ? { times } : {}) });
  return gateway.connect(
    { host: '127.0.0.1', port, security: 'plain', user: 'alice', auth: { type: 'password' }, ...endpoint },
    credentials ?? { type: 'password', password: 'pw-alice' },
    { side, ...(signal ? { signal } : {}), ...(onStep ? { onStep } : {}), ...(onAlert ? { onAlert } : {}) },
  );
}

/** Everything an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
