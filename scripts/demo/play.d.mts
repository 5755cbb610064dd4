import type { DemoServers } from './servers.mjs';

/** What can be done to the demo's two servers, by the panel and by keys. */
export interface Play {
  actions: Readonly<Record<string, () => void | Promise<void>>>;
  state(): { primary: string; relay: string; waiting: number; delivered: number; sent: number };
}

export declare function playWith(servers: DemoServers, say: (text: string) => void): Play;
