import { lookup } from 'node:dns/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { MailError } from '../../../shared/errors.ts';
import { isLoopbackHost, type Endpoint, type Side } from '../../../shared/model/account.ts';
import type { Clock } from '../core/clock.ts';
import { bareHost, serverName } from '../core/server-identity.ts';
import { tlsOptions } from '../core/tls-options.ts';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { tunnelTo } from '../core/proxy/tunnel-to.ts';

/** Certificates and versions accepted for this endpoint, and the name it has to prove. @throws MailError `ca-file-unreadable` */
export const submissionTls = (endpoint: Endpoint, side: Side): ConnectionOptions => ({
  ...serverName(endpoint.host),
  host: endpoint.host,
  ...tlsOptions(endpoint, side),
});

/** By what a server is reached; `connectMs` bounds what the proxy takes. */
export interface Way {
  readonly clock: Clock;
  readonly proxies: ProxyFinder;
  readonly connectMs: number;
}

interface SocketOptions {
  readonly side: Side;
  readonly signal: AbortSignal;
  readonly way: Way;
  readonly onStep: (step: 'resolve' | 'connect' | 'tls') => void | Promise<void>;
}

/**
 * Opens the connection of an endpoint step by step: name, TCP, and for implicit TLS the verified handshake. Where it goes through a
 * proxy, the name is looked up there.
 * @throws the system's or TLS layer's error; MailError `plain-refused`, `ca-file-unreadable`
 */
export async function openSocket(endpoint: Endpoint, options: SocketOptions): Promise<Socket> {
  const { side, signal, onStep, way } = options;
  if (endpoint.security === 'plain' && !isLoopbackHost(endpoint.host)) {
    throw new MailError('plain-refused', { scope: 'account', retry: 'ask', side });
  }
  const trusted = submissionTls(endpoint, side);
  const tunnel = await tunnelTo(way, endpoint, { side, signal, timeoutMs: way.connectMs });
  const socket = tunnel ?? (await direct(endpoint, signal, onStep));
  if (tunnel) await told(socket, () => onStep('resolve'));
  await told(socket, () => onStep('connect'));
  if (endpoint.security !== 'tls') return socket;
  const secured = connectTls({ ...trusted, socket });
  await opened(secured, 'secureConnect', signal);
  await told(secured, () => onStep('tls'));
  return secured;
}

async function direct({ host: given, port }: Endpoint, signal: AbortSignal, onStep: SocketOptions['onStep']): Promise<Socket> {
  const host = bareHost(given);
  if (!isIP(host)) await lookup(host);
  signal.throwIfAborted();
  await onStep('resolve');
  const socket = connectPlain({ host, port, autoSelectFamily: true });
  await opened(socket, 'connect', signal);
  return socket;
}

/** Nobody listens to the socket while the step is told: an error must neither go unheard nor end the process. */
async function told(socket: Socket, tell: () => void | Promise<void>): Promise<void> {
  let failure: Error | null = null;
  socket.on('error', (error) => (failure = error));
  try {
    await tell();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  if (socket.destroyed) throw failure ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', settle).off('close', onClose).off(event, onOpen);
      if (error === undefined) return resolve();
      // A socket may report more than one error; nobody waits for the later ones.
      socket.on('error', () => undefined).destroy();
      reject(error instanceof Error ? error : new Error('cancelled'));
    };
    const onOpen = () => settle();
    const onAbort = () => settle(signal.reason);
    const onClose = () => settle(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', settle).once('close', onClose).once(event, onOpen);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
