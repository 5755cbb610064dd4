import type { Invitation } from '../../../shared/model/invitation.ts';
import type { Address, Attachment, MessageProblem, Protection } from '../../../shared/model/message.ts';
import type { DeliveryReport } from '../../../shared/model/outbox.ts';

/**
 * One stored piece of a source. A run of base64 lines of one width is kept decoded (`lineWidth` and line ending say how
 * to write it again), everything else as it is; then compressed where that helps. Segments are cut by content, so that the
 * same attachment or body gives the same segments in whatever message it travels.
 */
export interface Segment {
  /** SHA-256 over the raw bytes of this segment; null for pieces too small to be worth sharing. */
  readonly digest: Uint8Array | null;
  readonly rawBytes: number;
  /** 0 as is, 1 brotli; +2 when the content is decoded base64, +4 when its lines end with LF alone (see codecBits). */
  readonly codec: number;
  /** Base64 characters per line, or 0 for other segments. */
  readonly lineWidth: number;
  readonly content: Uint8Array;
}

/** What is indexed: words in search form (see normalise in search-text.ts), one space between them. */
export interface SearchText {
  readonly subject: string;
  readonly people: string;
  readonly body: string;
  readonly files: string;
  /** Distinct words of this message that this worker has not reported lately. */
  readonly newTerms: readonly string[];
}

/** What is known of a message after its source has been read. */
export interface ParsedMessage {
  readonly subject: string;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  /** Milliseconds since 1970; null when absent or unreadable. */
  readonly sentDate: number | null;
  readonly from: readonly Address[];
  readonly sender: Address | null;
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly preview: string;
  readonly attachments: readonly Attachment[];
  readonly problems: readonly MessageProblem[];
  readonly search: SearchText;
  /** See SeenContent; both null where no parser could read it. */
  readonly contentDigest: Uint8Array | null;
  readonly contentBlocks: Uint8Array | null;
  /** What it says of the delivery of another mail, if it is a report of that kind. */
  readonly deliveryReport: DeliveryReport | null;
}

export interface SourceDigest {
  /** SHA-256 of the whole source as the server sent it. */
  readonly raw: Uint8Array;
  /** SHA-256 of the header block with its blank line. */
  readonly header: Uint8Array;
  /** SHA-256 of the body without trailing white space: equal on both sides when a relay only added headers. */
  readonly body: Uint8Array;
  readonly sizeBytes: number;
}

export interface IngestedSource {
  readonly segments: readonly Segment[];
  readonly digest: SourceDigest;
  readonly parsed: ParsedMessage;
}

/** What the reading pane needs of one message, parsed again from its stored source. `html` is not sanitised. */
export interface OpenedMessage {
  readonly parsed: ParsedMessage;
  readonly html: string | null;
  readonly text: string | null;
  readonly inlineImages: Readonly<Record<string, string>>;
  /** Files that lie in a winmail.dat. */
  readonly unpacked: readonly Attachment[];
  readonly invitation: Invitation | null;
  readonly protection: Protection | null;
}

/**
 * Reads sources in a worker thread that may die without harm: a message on which it hangs (limits.parseTimeoutMs) or
 * crashes comes back with problem `parse-timeout` or `parse-failed` and what its header block gives by the plain reader;
 * segments and digests are always right, whatever the parser did.
 */
export interface Ingest {
  /** A whole source at once. The buffer is handed over: it must not be changed any more, and is empty after the answer. */
  ingest(raw: Uint8Array): Promise<IngestedSource>;
  /** A large source in slices; segments come back as they are complete. Resume by pushing the stored part again with `replay`. */
  begin(): SlicedSource;
  /** Parses a stored source for reading: `segments` in order. */
  open(segments: Iterable<Segment>): Promise<OpenedMessage>;
  /** Parses a mail or winmail.dat that lies in a stored source, for reading; throws MailError `not-found`, `message-too-large`. */
  openInner(segments: Iterable<Segment>, path: readonly number[]): Promise<OpenedMessage>;
  /**
   * Decoded content of one attachment by its index in `ParsedMessage.attachments`, or by the path of such that leads to it;
   * throws MailError `not-found`, or `message-too-large` over maxBytes.
   */
  attachment(
    segments: Iterable<Segment>,
    path: number | readonly number[],
    maxBytes: number,
  ): Promise<{ attachment: Attachment; content: Uint8Array }>;
  close(): Promise<void>;
}

/** Rejects with MailError `internal`, retry `now`, when the worker that held it was replaced: begin anew and replay. */
export interface SlicedSource {
  /** Segments completed by this slice. `rawEnd` is the offset in the source up to which segments reach. */
  push(slice: Uint8Array): Promise<{ segments: readonly Segment[]; rawEnd: number }>;
  /** Feeds a stored segment again after a restart: digests and parser see it, nothing is returned to store. */
  replay(segment: Segment): Promise<void>;
  /** `segments` holds those not yet given out by push. */
  end(): Promise<IngestedSource>;
  abandon(): void;
}
