import type { ProxyServer } from '../../../../shared/model/proxy.ts';

/** Says for each connection through which proxy it goes; null for none. Asked anew every time: IT may change it. */
export interface ProxyFinder {
  find(host: string, port: number): Promise<ProxyServer | null>;
}

/** Every server is reached directly. */
export const noProxies: ProxyFinder = { find: () => Promise.resolve(null) };
