import { Resolver, lookup } from 'node:dns/promises';
import type { SrvRecord } from 'node:dns';
import { domainToASCII } from 'node:url';
import type { Security } from '../../../shared/model/account.ts';
import type { DiscoveredEndpoint, Discovery } from '../../../shared/model/discovery.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { TunnelTarget } from '../core/proxy/ask-proxy.ts';
import { noProxies, type ProxyFinder } from '../core/proxy/proxy-finder.ts';
import { tunnelTo } from '../core/proxy/tunnel-to.ts';
import { fetchBy } from '../core/http/fetch-by.ts';
import { systemRandom, type Random } from '../core/random.ts';
import { HTTPS_PORT } from '../core/server-identity.ts';
import { trusting } from '../core/trusted-authorities.ts';
import { parseAutoconfig } from './autoconfig-xml.ts';
import { fetchText, type Fetch } from './fetch-text.ts';
import { isHostName } from './host-name.ts';
import { orderSrv } from './srv-order.ts';

/** What discovery takes from outside. */
export interface DiscoverParts {
  readonly fetch: Fetch;
  readonly proxies: ProxyFinder;
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
  /** Rejects when the host name has no address. */
  lookup(host: string): Promise<unknown>;
  readonly clock: Clock;
  readonly random: Random;
}

interface Finding {
  readonly imap: readonly DiscoveredEndpoint[];
  readonly smtp: readonly DiscoveredEndpoint[];
  readonly tried: Discovery['tried'];
}

const QUERY_TIMEOUT_MS = 5_000;
const MAX_SRV_RECORDS = 10;
const NOTHING: Finding = { imap: [], smtp: [], tried: [] };

const SRV_SERVICES: readonly { name: string; service: 'imap' | 'smtp'; security: Security }[] = [
  { name: '_imaps._tcp', service: 'imap', security: 'tls' },
  { name: '_imap._tcp', service: 'imap', security: 'starttls' },
  { name: '_submissions._tcp', service: 'smtp', security: 'tls' },
  { name: '_submission._tcp', service: 'smtp', security: 'starttls' },
];

const GUESSES: readonly { prefix: string; service: 'imap' | 'smtp'; port: number; security: Security }[] = [
  { prefix: 'imap', service: 'imap', port: 993, security: 'tls' },
  { prefix: 'mail', service: 'imap', port: 993, security: 'tls' },
  { prefix: 'smtp', service: 'smtp', port: 465, security: 'tls' },
  { prefix: 'smtp', service: 'smtp', port: 587, security: 'starttls' },
  { prefix: 'mail', service: 'smtp', port: 465, security: 'tls' },
  { prefix: 'mail', service: 'smtp', port: 587, security: 'starttls' },
];

/**
 * Looks for the servers of an address: the domain's autoconfiguration files, SRV records (RFC 6186, RFC 8314), then usual
 * names that exist in the DNS. All at once, each bounded by 5 s; asks the domain's own servers only, and tells the local
 * part to `autoconfig.<domain>` alone, whose address format has it. Nothing is connected to and no login is tried:
 * these are proposals. Where servers are reached through a proxy alone no name is looked up here: SRV records, which no proxy can be asked
 * for, are skipped, and for a usual name the proxy is asked for a way, which is not used. Never throws; `tried` says how each question ended.
 */
export async function discover(email: string, parts: Partial<DiscoverParts> = {}): Promise<Discovery> {
  const all = { ...(await systemParts(parts.proxies ?? noProxies)), ...parts };
  const domain = domainToASCII(email.slice(email.lastIndexOf('@') + 1)).toLowerCase();
  if (domain === '') return { imap: [], smtp: [], tried: [] };
  const provider = `https://autoconfig.${domain}/mail/config-v1.1.xml`;
  const wellKnown = `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`;
  const findings = await Promise.all([
    fromAutoconfig(all, email, provider, `?emailaddress=${encodeURIComponent(email)}`, 'autoconfig'),
    fromAutoconfig(all, email, wellKnown, '', 'autoconfig-well-known'),
    ...SRV_SERVICES.map((service) => fromSrv(all, email, domain, service)),
    ...GUESSES.map((guess) => fromGuess(all, email, domain, guess)),
  ]);
  return {
    imap: withoutDoubles(findings.flatMap((finding) => finding.imap)),
    smtp: withoutDoubles(findings.flatMap((finding) => finding.smtp)),
    tried: findings.flatMap((finding) => finding.tried),
  };
}

/** With the company's own authority, where IT names one; a file that cannot be read is told when a server is connected to. */
async function companyTrust(proxies: ProxyFinder): Promise<ReturnType<typeof trusting>> {
  try {
    return trusting(await proxies.caFile?.());
  } catch {
    return {};
  }
}

async function systemParts(proxies: ProxyFinder): Promise<DiscoverParts> {
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS / 2, tries: 2 });
  return {
    fetch: fetchBy({ clock: systemClock, timeoutMs: QUERY_TIMEOUT_MS, tls: await companyTrust(proxies), proxies }),
    proxies,
    resolveSrv: (name) => resolver.resolveSrv(name),
    lookup: (host) => lookup(host),
    clock: systemClock,
    random: systemRandom,
  };
}

async function fromAutoconfig(
  parts: DiscoverParts,
  email: string,
  url: string,
  query: string,
  source: DiscoveredEndpoint['source'],
): Promise<Finding> {
  try {
    const text = await bounded(parts.clock, (signal) => fetchText(parts.fetch, url + query, signal));
    const found = text === null ? NOTHING : parseAutoconfig(text, email, source);
    const status = found.imap.length + found.smtp.length > 0 ? 'found' : 'nothing';
    return { ...found, tried: [{ what: url, status }] };
  } catch {
    // Discovery is a proposal: why it failed is of no use beyond the fact, which is reported.
    return { ...NOTHING, tried: [{ what: url, status: 'failed' }] };
  }
}

async function fromSrv(
  parts: DiscoverParts,
  email: string,
  domain: string,
  { name, service, security }: (typeof SRV_SERVICES)[number],
): Promise<Finding> {
  const what = `${name}.${domain}`;
  if (!(await isReachedDirectly(parts, what))) return { ...NOTHING, tried: [{ what, status: 'skipped' }] };
  try {
    const answer = await bounded(parts.clock, () => parts.resolveSrv(what));
    const records = orderSrv(answer, parts.random).filter((record) => isHostName(record.name) && record.port > 0);
    const endpoints = records
      .slice(0, MAX_SRV_RECORDS)
      .map(({ name: host, port }): DiscoveredEndpoint => ({ host, port, security, user: email, auth: 'password', source: 'srv' }));
    return { ...NOTHING, [service]: endpoints, tried: [{ what, status: endpoints.length > 0 ? 'found' : 'nothing' }] };
  } catch (error) {
    return { ...NOTHING, tried: [{ what, status: isMissingName(error) ? 'nothing' : 'failed' }] };
  }
}

async function fromGuess(
  parts: DiscoverParts,
  email: string,
  domain: string,
  { prefix, service, port, security }: (typeof GUESSES)[number],
): Promise<Finding> {
  const host = `${prefix}.${domain}`;
  const what = `${host}:${port}`;
  try {
    await bounded(parts.clock, (signal) => proveName(parts, { host, port }, signal));
    const endpoint: DiscoveredEndpoint = { host, port, security, user: email, auth: 'password', source: 'guess' };
    return { ...NOTHING, [service]: [endpoint], tried: [{ what, status: 'found' }] };
  } catch (error) {
    return { ...NOTHING, tried: [{ what, status: isMissingName(error) ? 'nothing' : 'failed' }] };
  }
}

/** Whether the direct way is one of those to a host, so that the names around it may be looked up here. */
async function isReachedDirectly({ proxies }: DiscoverParts, host: string): Promise<boolean> {
  try {
    return (await proxies.find(host, HTTPS_PORT)).includes(null);
  } catch {
    // Nobody can say which way: then the question is not put at all, as no server is reached.
    return false;
  }
}

/** @throws where the name is not known, here or to the proxy that the host is reached through */
async function proveName({ clock, proxies, lookup: find }: DiscoverParts, target: TunnelTarget, signal: AbortSignal): Promise<void> {
  const tunnel = await tunnelTo({ clock, proxies }, target, { signal, timeoutMs: QUERY_TIMEOUT_MS });
  if (tunnel) tunnel.destroy();
  else await find(target.host);
}

/** No such name, or a proxy that gets nowhere by it. */
function isMissingName(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'proxy-cannot-reach';
}

/** Gives the work 5 s; what it still does afterwards is aborted where it can be, and ignored. */
async function bounded<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new Error('timed out')), { once: true });
  });
  const cancel = clock.after(QUERY_TIMEOUT_MS, () => controller.abort());
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    cancel();
  }
}

function withoutDoubles(endpoints: readonly DiscoveredEndpoint[]): DiscoveredEndpoint[] {
  const seen = new Set<string>();
  return endpoints.filter(({ host, port, security }) => {
    const key = `${host} ${port} ${security}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
