import type { Token } from '../imap-tokens.ts';
import type { FaultyOutput, ScriptCommand } from './faults.ts';
import type { ScriptMailbox, ScriptMessage, ScriptStore } from './store.ts';

/** The command is answered NO or BAD. `text` may start with a response code. */
export class Refusal extends Error {
  readonly status: 'NO' | 'BAD';
  constructor(status: 'NO' | 'BAD', text: string) {
    super(text);
    this.status = status;
  }
}

/** What a mailbox looks like to one session: sequence numbers follow `view`, not the store. */
export interface Selected {
  readonly mailbox: ScriptMailbox;
  readonly isReadOnly: boolean;
  /** UIDs by sequence number, as last told to the client. */
  view: number[];
  /** Changes up to here have been told. */
  knownModSeq: bigint;
  /** MODSEQs that the session's own commands have told (or silenced) already, by UID. */
  readonly told: Map<number, bigint>;
  /** UIDVALIDITY as told at SELECT. */
  readonly uidValidity: number;
}

/** The accounts that may log in. All see the same mailboxes. */
export interface ScriptLogins {
  readonly passwords: Readonly<Record<string, string>>;
  /** Access tokens for XOAUTH2 and OAUTHBEARER, by user. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** One connection, as the command handlers see it. */
export interface ScriptSession {
  readonly store: ScriptStore;
  readonly output: FaultyOutput;
  readonly logins: ScriptLogins;
  readonly command: ScriptCommand;
  user: string | null;
  selected: Selected | null;
  isCondstore: boolean;
  isQresync: boolean;
  isNotify: boolean;
  isSecure: boolean;
  /** Capabilities in force, in order, upper case. */
  capabilities(): readonly string[];
  has(capability: string): boolean;
  /** The next line from the client (continuations, DONE). */
  nextLine(): Promise<string>;
  /** Switches the connection to TLS after this command's answer. */
  startTls(): void;
  /** Ends the connection after this command's answer. */
  end(): void;
  /** Tells the client what changed in the selected mailbox. */
  tellChanges(canExpunge: boolean): Promise<void>;
  /** Watches the store; used by IDLE. Resolves when the client's next line has come. */
  idle(): Promise<void>;
}

/** Carries out one command; gives the text after `tag OK`. Throws Refusal. */
export type Handler = (session: ScriptSession, args: readonly Token[]) => Promise<string> | string;

/** The selected mailbox; BAD where none is. */
export function selectedOf(session: ScriptSession): Selected {
  if (!session.selected) throw new Refusal('BAD', 'No mailbox selected');
  return session.selected;
}

/** As selectedOf(), but NO for one opened by EXAMINE. */
export function writableOf(session: ScriptSession): Selected {
  const selected = selectedOf(session);
  if (selected.isReadOnly) throw new Refusal('NO', 'Mailbox is read-only');
  return selected;
}

/** Messages of the view that still exist, with their sequence numbers. */
export function* viewed(selected: Selected): Generator<{ message: ScriptMessage; sequence: number }> {
  for (const [i, uid] of selected.view.entries()) {
    const message = selected.mailbox.find(uid);
    if (message) yield { message, sequence: i + 1 };
  }
}

/** BAD unless the capability is offered. */
export function need(session: ScriptSession, capability: string): void {
  if (!session.has(capability)) throw new Refusal('BAD', `Unknown command (${capability} is not offered)`);
}
