import type { EngineRig } from '../support/engine-rig.ts';
import type { SecondClient } from '../support/second-client.ts';

const DAY = 86_400_000;

/** One message of a scenario: `m1` in its place, with its flags and age. */
export interface SeededMessage {
  readonly id: string;
  readonly path: string;
  readonly flags?: readonly string[];
  readonly ageDays?: number;
  /** Text length; beyond the slice size a message is fetched in slices. */
  readonly bytes?: number;
}

export const messageIdOf = (id: string): string => `<${id}@crash.example.com>`;
/** One instant for the whole run: copies of a message made a second apart would be two messages by their Date. */
const startedAt = Date.now();
export const dateOf = (ageDays: number, now = startedAt): number => Math.floor((now - ageDays * DAY) / 1000) * 1000;

/** The source of a seeded message; the relay's copy carries one more trace line. */
export function sourceOf({ id, bytes = 200, ageDays = 1 }: SeededMessage, side: 'primary' | 'relay'): Buffer {
  const trace = side === 'relay' ? 'Received: by filter.example.net\r\n' : `Received: by mx-${id}.example.com\r\n`;
  const line = `text of ${id} with some words to fill a line of usual length\r\n`;
  const body = line.repeat(Math.ceil(bytes / line.length));
  const date = new Date(dateOf(Math.floor(ageDays))).toUTCString();
  return Buffer.from(
    `${trace}From: Anna <anna@example.com>\r\nTo: Bernd <bernd@example.com>\r\nSubject: subject ${id}\r\nDate: ${date}\r\n` +
      `Message-ID: ${messageIdOf(id)}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}`,
  );
}

/** Both servers, as a second client sees them. */
export class World {
  readonly primary: SecondClient;
  readonly relay: SecondClient;

  constructor(primary: SecondClient, relay: SecondClient) {
    this.primary = primary;
    this.relay = relay;
  }

  async add(side: 'primary' | 'relay', message: SeededMessage): Promise<void> {
    const { path, flags = [], ageDays = 1 } = message;
    await this[side].append(path, sourceOf(message, side), { flags, internalDate: dateOf(ageDays) });
  }

  /** UIDs of a message in a mailbox, which is selected then. */
  async find(side: 'primary' | 'relay', path: string, id: string): Promise<number[]> {
    await this[side].select(path);
    return this[side].uids(`HEADER Message-ID "${messageIdOf(id)}"`);
  }

  async flag(side: 'primary' | 'relay', path: string, id: string, mode: '+' | '-', ...flags: string[]): Promise<void> {
    await this[side].store(await this.find(side, path, id), mode, flags);
  }

  async move(side: 'primary' | 'relay', path: string, id: string, target: string): Promise<void> {
    await this[side].move(await this.find(side, path, id), target);
  }

  async copy(side: 'primary' | 'relay', path: string, id: string, target: string): Promise<void> {
    await this[side].copy(await this.find(side, path, id), target);
  }

  async remove(side: 'primary' | 'relay', path: string, id: string): Promise<void> {
    await this[side].expunge(await this.find(side, path, id));
  }
}

export interface Scenario {
  readonly name: string;
  /** On top of the common mailbox. */
  readonly seed?: readonly (SeededMessage & { readonly side?: 'primary' | 'relay' | 'both' })[];
  /** What had happened before, carried over and mirrored. */
  readonly before?: {
    readonly ours?: (engine: EngineRig['engine'], find: FindEntry) => void;
    readonly act?: (world: World) => Promise<void>;
  };
  /** What others do on the servers between two mirrors. */
  readonly act?: (world: World, tools: ActTools) => Promise<void>;
  /** What the user does here, recorded before the second mirror. */
  readonly ours?: (engine: EngineRig['engine'], find: FindEntry) => void;
  /** Message -> mailboxes on the primary afterwards (every copy counted), with flags where they matter. */
  readonly expect?: Readonly<Record<string, readonly string[]>>;
  /** Messages that must be recoverable afterwards, and no others of the scenario. */
  readonly recoverable?: readonly string[];
}

export interface ActTools {
  /** Gives a mailbox of the primary another UIDVALIDITY. */
  setUidValidity(path: string, value: number): Promise<void>;
}

export interface FoundEntry {
  readonly entryId: Parameters<EngineRig['engine']['actions']['changePlace']>[0];
}
export type FindEntry = {
  (id: string): FoundEntry['entryId'];
  mailbox(path: string): number;
  accountId: EngineRig['accountId'];
};

/** The mail every scenario starts with. */
export const commonSeed: NonNullable<Scenario['seed']> = [
  { id: 'a1', path: 'INBOX', side: 'both', ageDays: 5, flags: ['\\Seen'] },
  { id: 'a2', path: 'INBOX', side: 'both', ageDays: 4 },
  { id: 'a3', path: 'INBOX', side: 'both', ageDays: 3, flags: ['\\Flagged'] },
  { id: 'a4', path: 'INBOX', side: 'both', ageDays: 2 },
  { id: 's1', path: 'Sent', side: 'both', ageDays: 3, flags: ['\\Seen'] },
  { id: 'd1', path: 'Drafts', side: 'primary', ageDays: 50, flags: ['\\Draft'] },
  { id: 'p1', path: 'Projects', side: 'primary', ageDays: 6, flags: ['\\Seen'] },
  { id: 'p2', path: 'Projects', side: 'primary', ageDays: 5 },
  { id: 'q1', path: 'Quarantine', side: 'relay', ageDays: 2 },
];
