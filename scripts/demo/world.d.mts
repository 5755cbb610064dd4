import type { DemoServers } from './servers.mjs';
import type { Play } from './play.mjs';

/** Two embedded servers with the sample mail, and a profile enrolled to both. */
export interface DemoWorld {
  servers: DemoServers;
  play: Play;
  profile: string;
  /** Thrown away at the end. */
  scratch: string;
  close(): Promise<void>;
}

export interface DemoWorldOptions {
  lang: 'de' | 'en' | null;
  isDark: boolean;
  profile: string | null;
  screenshot: string | null;
  /** Other times than the story has. */
  continuity?: Readonly<Record<string, number>>;
}

export function openWorld(options: DemoWorldOptions): Promise<DemoWorld>;
