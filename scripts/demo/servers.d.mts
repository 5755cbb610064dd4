import type { Sample } from '../../test/support/sample-mail/index.mjs';

/** A mailbox of a demo server. */
export interface DemoMailbox {
  messages: { uid: number; raw: Buffer; flags: Set<string>; internalDate: number }[];
  /** Files a mail; connected clients are told. */
  append(raw: Buffer, internalDate: number, flags: Iterable<string>): unknown;
  /** Removes mails for good; connected clients are told. */
  expunge(uids: ReadonlySet<number>): void;
}

/** One mail server of the demo: IMAP and submission on loopback ports that stay the same for its whole life. */
export interface DemoServer {
  imapPort: number;
  smtpPort: number;
  user: string;
  pass: string;
  isUp(): boolean;
  /** Cuts all connections; new ones are refused. */
  stop(): Promise<void>;
  /** Takes connections again; the relay hands over what it kept for the primary meanwhile. */
  start(): Promise<void>;
  /** While on, connections open but no byte passes. */
  blackhole(isOn: boolean): void;
  isBlackhole(): boolean;
  /** While on, every log-in is refused, and who is logged in is cut off. */
  refuseLogins(isOn: boolean): void;
  isRefusing(): boolean;
  /** What it holds. */
  store: { get(path: string): DemoMailbox | undefined };
}

/** A mail that was submitted. */
export interface Submission {
  from: string;
  recipients: string[];
  raw: Buffer;
}

export interface DemoServers {
  primary: DemoServer;
  relay: DemoServer;
  /** Mail to people elsewhere, which a real server would have sent on. */
  delivered: Submission[];
  /** Mails that the relay keeps until the primary is back. */
  waiting(): number;
  /** A mail for the owner arrives from outside. */
  deliver(raw: Buffer, options: { to: 'primary' | 'relay' | 'both'; from?: string }): void;
  close(): Promise<void>;
}

/** Starts the two embedded mail servers and fills them with the sample. */
export declare function startDemoServers(options: { sample: Sample; now?: () => number }): Promise<DemoServers>;
