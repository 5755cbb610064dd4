import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MailError } from '../../../../shared/errors.ts';
import type { Side } from '../../../../shared/model/account.ts';
import type { ProxyServer } from '../../../../shared/model/proxy.ts';
import { bareHost, serverName } from '../server-identity.ts';
import { trusting } from '../trusted-authorities.ts';
import { askConnect, askSocks, type TunnelTarget } from './ask-proxy.ts';
import type { ProxyWay } from './proxy-finder.ts';

/**
 * A connection to a server through a proxy, as if it had been made directly: whoever gets it proves the server with TLS as ever, and the
 * proxy sees no more than the server's name and port.
 * @throws MailError proxy-unreachable, proxy-refused, proxy-cannot-reach, connect-refused, dns-failed; the signal's reason
 */
export async function openTunnel(
  proxy: ProxyWay,
  target: TunnelTarget,
  signal: AbortSignal,
  { side, onReached }: { side?: Side | undefined; onReached?: () => void } = {},
): Promise<Socket> {
  try {
    const socket = await reached(proxy, signal);
    onReached?.();
    try {
      await (proxy.scheme === 'socks5' ? askSocks : askConnect)(socket, { ...target, login: proxy.login }, signal);
    } catch (error) {
      socket.on('error', () => undefined).destroy();
      throw error;
    }
    return socket;
  } catch (error) {
    // Whatever becomes of the way to the proxy is the proxy's, and never the server's.
    signal.throwIfAborted();
    const { code, retry, detail } = error instanceof MailError ? error : unreachable(error);
    throw new MailError(code, { scope: 'connection', retry, detail, cause: error, ...(side ? { side } : {}) });
  }
}

const unreachable = (error: unknown) => {
  const { code } = (error ?? {}) as { code?: unknown };
  return { code: 'proxy-unreachable', retry: 'later', detail: typeof code === 'string' ? code : '' } as const;
};

function reached({ scheme, host, port, caFile }: ProxyServer, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const name = bareHost(host);
    const socket =
      scheme === 'https'
        ? connectTls({ host: name, port, ...serverName(name), ...trusting(caFile), minVersion: 'TLSv1.2' })
        : connectPlain({ host: name, port });
    const settle = (error?: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', settle);
      if (error === undefined) return resolve(socket);
      socket.on('error', () => undefined).destroy();
      reject(error instanceof Error ? error : new Error('cancelled'));
    };
    const onAbort = (): void => settle(signal.reason);
    socket.once('error', settle).once(scheme === 'https' ? 'secureConnect' : 'connect', () => settle());
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
