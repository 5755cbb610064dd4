import type { Socket } from 'node:net';
import { MailError } from '../../../../shared/errors.ts';
import type { Side } from '../../../../shared/model/account.ts';
import type { Clock } from '../clock.ts';
import type { TunnelTarget } from './ask-proxy.ts';
import type { ProxyFinder } from './proxy-finder.ts';

/**
 * The tunnel to a server where it is reached through a proxy; null where it is not.
 * @throws MailError like openTunnel(), proxy-unreachable where the proxy is silent; cancelled
 */
export async function tunnelTo(
  { clock, proxies }: { clock: Clock; proxies: ProxyFinder },
  target: TunnelTarget,
  { side, signal, timeoutMs }: { side?: Side; signal?: AbortSignal | undefined; timeoutMs: number },
): Promise<Socket | null> {
  const proxy = await proxies.find(target.host, target.port);
  if (proxy === null) return null;
  const at = side ? { side } : {};
  // A signal of its own: one that AbortSignal.timeout() makes may be collected before its time where only another hangs on it.
  const late = new AbortController();
  const silent = () => new MailError('proxy-unreachable', { scope: 'connection', retry: 'later', ...at, detail: 'no answer in time' });
  const cancel = clock.after(timeoutMs, () => late.abort(silent()));
  try {
    // Loaded by whoever has a proxy.
    const { openTunnel } = await import('./open-tunnel.ts');
    return await openTunnel(proxy, target, signal ? AbortSignal.any([signal, late.signal]) : late.signal, side);
  } catch (error) {
    if (!signal?.aborted || error instanceof MailError) throw error;
    throw new MailError('cancelled', { scope: 'connection', retry: 'never', ...at });
  } finally {
    cancel();
  }
}
