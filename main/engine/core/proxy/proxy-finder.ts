import { MailError } from '../../../../shared/errors.ts';
import type { ProxyServer } from '../../../../shared/model/proxy.ts';

/**
 * A proxy, with the log-in that it wants if there is one. Only a command line can have one, from its environment: it stands in no policy,
 * crosses to no other process, and is kept nowhere.
 */
export type ProxyWay = ProxyServer & { readonly login?: ProxyLogin };
export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

/** The ways to a server in their order, null for the direct one; a later one is for when those before it cannot be reached. Never empty. */
export type Ways = readonly (ProxyWay | null)[];

/** Says for each connection through which proxies it goes. Asked anew every time: IT may change it. */
export interface ProxyFinder {
  /** @throws MailError proxy-unreachable where nobody can say it: then there is no way, and not a direct one */
  find(host: string, port: number): Promise<Ways>;
  /** PEM file with the company's own authorities, for servers of which nobody named one. Never throws. */
  caFile?(): Promise<string | undefined>;
}

/** The direct way alone. */
export const DIRECTLY: readonly null[] = [null];

/** Nobody can say through which proxy a server is reached. */
export const proxyUnknown = (detail = 'which proxy is not known'): MailError =>
  new MailError('proxy-unreachable', { scope: 'connection', retry: 'later', detail });

/** Every server is reached directly. */
export const noProxies: ProxyFinder = { find: () => Promise.resolve(DIRECTLY) };
