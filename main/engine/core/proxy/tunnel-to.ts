import type { Socket } from 'node:net';
import { MailError } from '../../../../shared/errors.ts';
import type { Side } from '../../../../shared/model/account.ts';
import type { Clock } from '../clock.ts';
import type { TunnelTarget } from './ask-proxy.ts';
import type { ProxyFinder, ProxyWay } from './proxy-finder.ts';

/** A proxy with others behind it has so long to take a connection: a probe of 8 s has to get to the next one. */
const KNOCK_MS = 2_500;

interface TunnelTry {
  readonly side?: Side;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * The tunnel to a server where it is reached through a proxy; null where it is not. Of several ways the next is taken where a proxy cannot be
 * reached, each with its share of the time that is left. One that is there and refuses, or does not get to the server, has the last word:
 * going past it would be going past its rules.
 * @throws MailError like openTunnel(), proxy-unreachable where the last proxy is silent; cancelled
 */
export async function tunnelTo(
  { clock, proxies }: { clock: Clock; proxies: ProxyFinder },
  target: TunnelTarget,
  { timeoutMs, ...options }: TunnelTry,
): Promise<Socket | null> {
  const ways = await proxies.find(target.host, target.port);
  const endAt = clock.monotonic() + timeoutMs;
  for (const [n, proxy] of ways.entries()) {
    // What stands behind the direct way is not tried: the caller connects by itself, and what it meets is the server's.
    if (proxy === null) return null;
    const isLast = n === ways.length - 1;
    const shareMs = (endAt - clock.monotonic()) / (ways.length - n);
    try {
      const knockMs = isLast ? shareMs : Math.min(KNOCK_MS, shareMs);
      return await throughOne(clock, proxy, target, { ...options, timeoutMs: shareMs, knockMs });
    } catch (error) {
      if (isLast || options.signal?.aborted || !(error instanceof MailError) || error.code !== 'proxy-unreachable') throw error;
    }
  }
  return null;
}

async function throughOne(
  clock: Clock,
  proxy: ProxyWay,
  target: TunnelTarget,
  { side, signal, timeoutMs, knockMs }: TunnelTry & { readonly knockMs: number },
): Promise<Socket> {
  const at = side ? { side } : {};
  // A signal of its own: one that AbortSignal.timeout() makes may be collected before its time where only another hangs on it.
  const late = new AbortController();
  const silent = () => new MailError('proxy-unreachable', { scope: 'connection', retry: 'later', ...at, detail: 'no answer in time' });
  const cancelKnock = clock.after(knockMs, () => late.abort(silent()));
  const cancel = clock.after(timeoutMs, () => late.abort(silent()));
  try {
    // Loaded by whoever has a proxy.
    const { openTunnel } = await import('./open-tunnel.ts');
    return await openTunnel(proxy, target, signal ? AbortSignal.any([signal, late.signal]) : late.signal, { side, onReached: cancelKnock });
  } catch (error) {
    if (!signal?.aborted || error instanceof MailError) throw error;
    // Whoever waits for the connection as a whole may run out of time first: it was the proxy that took it.
    if ((signal.reason as { code?: unknown } | null)?.code === 'ETIMEDOUT') throw silent();
    throw new MailError('cancelled', { scope: 'connection', retry: 'never', ...at });
  } finally {
    cancelKnock();
    cancel();
  }
}
