import type { AuthConfig, Endpoint, Side } from '../../../shared/model/account.ts';
import type { Address } from '../../../shared/model/message.ts';
import type { ModSeq, Uid, UidValidity } from '../../../shared/model/ids.ts';

/** Extensions the server offers that change what we do. */
export interface ImapCaps {
  readonly condstore: boolean;
  readonly qresync: boolean;
  readonly uidplus: boolean;
  readonly move: boolean;
  readonly idle: boolean;
  readonly notify: boolean;
  readonly specialUse: boolean;
  readonly listStatus: boolean;
  readonly objectId: boolean;
  readonly esearch: boolean;
  /** One message stands in several mailboxes, each of which is a label of it (Gmail): quirks.ts. */
  readonly labels: boolean;
}

/** One LIST answer. */
export interface RemoteMailbox {
  readonly path: string;
  readonly delimiter: string | null;
  /** Special-use and other attributes as sent, lower case, with backslash: `\sent`. */
  readonly attributes: readonly string[];
  readonly isSubscribed: boolean;
  readonly isSelectable: boolean;
  /** MAILBOXID (RFC 8474), where offered. */
  readonly objectId: string | null;
  /** Present where LIST-STATUS answered it in the same round trip. */
  readonly status: MailboxStatus | null;
}

export interface MailboxStatus {
  readonly uidValidity: UidValidity;
  readonly uidNext: Uid;
  readonly messages: number;
  readonly unseen: number | null;
  readonly highestModSeq: ModSeq | null;
}

/** State answered by SELECT or EXAMINE. `highestModSeq` is null for NOMODSEQ or no CONDSTORE. */
export interface SelectedMailbox {
  readonly path: string;
  readonly uidValidity: UidValidity;
  readonly uidNext: Uid;
  readonly exists: number;
  readonly highestModSeq: ModSeq | null;
  /** Lower case; `\*` where new keywords can be made. Null where the server does not say. */
  readonly permanentFlags: ReadonlySet<string> | null;
}

export interface RemoteFlags {
  readonly uid: Uid;
  readonly flags: readonly string[];
  readonly modSeq: ModSeq | null;
}

/** What is known of a message before its source: one FETCH of envelope, structure and a few headers. */
export interface RemoteSummary extends RemoteFlags {
  /** Milliseconds since 1970, UTC. */
  readonly internalDate: number;
  readonly sizeBytes: number;
  /** Milliseconds since 1970; null when absent or unreadable. */
  readonly sentDate: number | null;
  readonly subject: string;
  /** Message-ID as sent, angle brackets kept, trimmed; null when absent or blank. */
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  /** Message-IDs of the References header, oldest first, bounded. */
  readonly references: readonly string[];
  readonly from: readonly Address[];
  readonly sender: Address | null;
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly hasAttachments: boolean;
  /** EMAILID (RFC 8474) or X-GM-MSGID, where offered: equal for copies of one message on this server. */
  readonly emailId: string | null;
  /** SHA-256 (hex) over the BODYSTRUCTURE as normalised by the gateway: equal structure gives an equal digest. */
  readonly structureDigest: string;
}

/** Answer to a change query: what changed and what went. */
export interface RemoteChanges {
  readonly flags: readonly RemoteFlags[];
  /** Null where the server cannot tell (no QRESYNC): compare UID lists instead. */
  readonly vanished: readonly Uid[] | null;
}

/** What a watch finds out besides events. */
export interface WatchHooks {
  /** The watch has begun; `watchesAll` tells if NOTIFY was accepted. */
  readonly onReady?: (watchesAll: boolean) => void;
}

/** A mailbox may hold something else than when it was read: as it is now, where that is known. */
export interface MailboxChanged {
  readonly type: 'mailbox-changed';
  readonly path: string;
  readonly status: MailboxStatus | null;
}

/** What the server pushed while we watched, or before. All are hints to look, never the truth. */
export type WatchEvent = MailboxChanged | { readonly type: 'list-changed' };

export interface UidMapping {
  readonly source: Uid;
  readonly target: Uid;
}

export interface CopyResult {
  readonly targetUidValidity: UidValidity | null;
  /** Null when the server gave no COPYUID; prove the copy by search before deleting the source. */
  readonly mappings: readonly UidMapping[] | null;
}

export interface AppendResult {
  readonly uidValidity: UidValidity | null;
  readonly uid: Uid | null;
}

/** A message that is not in memory whole. Each call of `pieces` begins anew and gives the same `sizeBytes` bytes. */
export interface MessagePieces {
  readonly sizeBytes: number;
  readonly pieces: () => Iterable<Uint8Array>;
}

/**
 * One logged-in connection. Every call throws MailError: NO is `command-refused` (scope mailbox), BAD and nonsense
 * `protocol-violation`, a lost connection `connection-lost` (scope connection), never an empty result. Calls on one
 * session are made one at a time by their owner. A call that throws with scope `connection` ends the session.
 */
export interface ImapSession {
  readonly side: Side;
  readonly caps: ImapCaps;
  readonly isOpen: boolean;
  /** Aborts when the connection has ended for whatever reason; the reason is a MailError. */
  readonly closed: AbortSignal;
  /** Told while the connection still stands: the server leaves a question unanswered for long (true), or answers after all (false). */
  onSilence: (isSilent: boolean) => void;
  /** All mailboxes with special-use and subscription; with status in the same round trip where LIST-STATUS is offered. */
  list(): Promise<readonly RemoteMailbox[]>;
  status(path: string): Promise<MailboxStatus>;
  /** EXAMINE unless `forChange`. @throws MailError mailbox-missing, command-refused, answer-incomplete (no UIDVALIDITY) */
  select(path: string, options?: { forChange?: boolean }): Promise<SelectedMailbox>;
  /**
   * UIDs of messages with an internal date on or after the day of `since` (server's days: one day earlier is asked), or
   * flagged when `orFlagged`. The last message of the mailbox may be among them without matching.
   */
  searchWindow(since: number, orFlagged: boolean): Promise<readonly Uid[]>;
  /**
   * All UIDs in the inclusive range that exist now. Proves completeness: an answer without its search line is asked for
   * again with a message that has to match, and throws `answer-incomplete` when the line is missing still.
   */
  searchUidRange(from: Uid, to: Uid): Promise<readonly Uid[]>;
  /** UIDs at or above `from` whose Message-ID header equals the id. */
  searchMessageId(messageId: string, from?: Uid): Promise<readonly Uid[]>;
  /** Flags (and MODSEQ where offered) of these messages. Missing UIDs are simply not in the answer. */
  fetchFlags(uids: readonly Uid[]): Promise<readonly RemoteFlags[]>;
  /**
   * Changes of the selected mailbox since a MODSEQ (RFC 7162): CHANGEDSINCE, with VANISHED where QRESYNC. Told of the known
   * messages, and flags of unknown ones that are flagged: they may come into the window by it.
   */
  changes(since: ModSeq, knownUids: readonly Uid[]): Promise<RemoteChanges>;
  /**
   * Streams summaries in the server's order. One unreadable message is yielded as `{uid, error}`; every UID that exists comes
   * out one way or the other. The session is busy until the stream has ended or its consumer has left the loop.
   */
  fetchSummaries(uids: readonly Uid[]): AsyncIterable<RemoteSummary | UnreadableMessage>;
  /** Streams whole sources (for messages known to be small, 16 MiB at most), in one command; otherwise as fetchSummaries(). */
  fetchSources(uids: readonly Uid[]): AsyncIterable<RemoteSource | UnreadableMessage>;
  /** Bytes [offset, offset+length) of the source (BODY.PEEK[]<o.n>); shorter at the end; empty past it. */
  fetchSlice(uid: Uid, offset: number, length: number): Promise<Uint8Array>;
  /** The whole header block with its final blank line (BODY.PEEK[HEADER]). */
  fetchHeader(uid: Uid): Promise<Uint8Array>;
  /**
   * Watches the selected mailbox by IDLE, and with NOTIFY all others, until the signal aborts; renews by itself.
   * Resolves when stopped by the signal, throws when the connection ends. The hooks tell what the watch itself finds out.
   */
  watch(onEvent: (event: WatchEvent) => void, signal: AbortSignal, hooks?: WatchHooks): Promise<void>;
  noop(): Promise<void>;

  // Changes. All need a mailbox selected with forChange.
  /** Adds or removes flags. With `unchangedSince` (CONDSTORE) returns the UIDs that were NOT changed because they were modified meanwhile. */
  storeFlags(
    uids: readonly Uid[],
    mode: 'add' | 'remove' | 'set',
    flags: readonly string[],
    unchangedSince?: ModSeq,
  ): Promise<{ modified: readonly Uid[] }>;
  copy(uids: readonly Uid[], targetPath: string): Promise<CopyResult>;
  /** UID MOVE (RFC 6851). Throws `operation-unsafe` where MOVE is not offered: the caller then copies, proves, deletes. */
  move(uids: readonly Uid[], targetPath: string): Promise<CopyResult>;
  /** UID EXPUNGE (RFC 4315) of exactly these. Throws `operation-unsafe` without UIDPLUS: a plain EXPUNGE would remove other clients' mail. */
  expunge(uids: readonly Uid[]): Promise<void>;
  /** `raw`: whole, or in pieces that are asked for as the server takes them, where it is large. */
  append(path: string, raw: Uint8Array | MessagePieces, flags: readonly string[], internalDate: number): Promise<AppendResult>;
  createMailbox(path: string): Promise<void>;
  renameMailbox(path: string, newPath: string): Promise<void>;
  deleteMailbox(path: string): Promise<void>;
  subscribe(path: string, isSubscribed: boolean): Promise<void>;
  /** LOGOUT, bounded; never throws. */
  close(): Promise<void>;
}

export interface RemoteSource {
  readonly uid: Uid;
  readonly raw: Uint8Array;
}

export interface UnreadableMessage {
  readonly uid: Uid;
  /** Scope `message`. */
  readonly error: Error;
  /** The server refused it twice already. */
  readonly isAskedTwice?: true;
}

/** What a login needs at the moment of connecting. */
export type Credentials =
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly mechanism: (AuthConfig & { type: 'oauth2' })['mechanism']; readonly accessToken: string };

export interface ImapGateway {
  /**
   * Connects and logs in, or throws a MailError that says which step failed. `onStep` is told as each step succeeds.
   * TLS is verified before credentials are sent; a server that lacks forced STARTTLS is refused (`tls-not-offered`).
   * `onAlert` is given what the server wants a person to be told (RFC 9051 7.1), at log-in, refused or not, and later: its own words.
   */
  connect(
    endpoint: Endpoint,
    credentials: Credentials,
    options: {
      side: Side;
      signal?: AbortSignal;
      onStep?: (step: 'resolve' | 'connect' | 'tls' | 'login') => void;
      onAlert?: (text: string) => void;
    },
  ): Promise<ImapSession>;
}
