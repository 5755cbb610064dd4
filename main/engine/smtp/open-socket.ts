import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type ConnectionOptions } from 'node:tls';
import { MailError } from '../../../shared/errors.ts';
import { isLoopbackHost, type Endpoint, type Side } from '../../../shared/model/account.ts';

/** Certificates and versions accepted for this endpoint. @throws MailError `ca-file-unreadable` */
export function tlsOptions(endpoint: Endpoint, side: Side): ConnectionOptions {
  const name = isIP(endpoint.host) ? {} : { servername: endpoint.host };
  const base: ConnectionOptions = { ...name, host: endpoint.host, minVersion: 'TLSv1.2', rejectUnauthorized: true };
  if (endpoint.caFile === undefined) return base;
  try {
    return { ...base, ca: [...rootCertificates, readFileSync(endpoint.caFile, 'utf8')] };
  } catch (cause) {
    throw new MailError('ca-file-unreadable', { scope: 'account', retry: 'ask', side, cause });
  }
}

/**
 * Opens the connection of an endpoint step by step: name, TCP, and for implicit TLS the verified handshake.
 * @throws the system's or TLS layer's error; MailError `plain-refused`, `ca-file-unreadable`
 */
export async function openSocket(
  endpoint: Endpoint,
  options: { side: Side; signal: AbortSignal; onStep: (step: 'resolve' | 'connect' | 'tls') => void | Promise<void> },
): Promise<Socket> {
  const { side, signal, onStep } = options;
  if (endpoint.security === 'plain' && !isLoopbackHost(endpoint.host)) {
    throw new MailError('plain-refused', { scope: 'account', retry: 'ask', side });
  }
  const trusted = tlsOptions(endpoint, side);
  const host = endpoint.host.replace(/^\[|\]$/g, '');
  if (!isIP(host)) await lookup(host);
  signal.throwIfAborted();
  await onStep('resolve');
  const socket = connectPlain({ host, port: endpoint.port, autoSelectFamily: true });
  await opened(socket, 'connect', signal);
  await told(socket, () => onStep('connect'));
  if (endpoint.security !== 'tls') return socket;
  const secured = connectTls({ ...trusted, socket });
  await opened(secured, 'secureConnect', signal);
  await told(secured, () => onStep('tls'));
  return secured;
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
