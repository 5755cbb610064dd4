/** A mail as a server keeps it. */
export interface SampleMessage {
  /** RFC 5322 source; CRLF, but for the mails that are malformed on purpose. */
  raw: Buffer;
  /** Whole seconds. */
  internalDate: Date;
  /** IMAP system flags. */
  flags: string[];
  /** Tells the mail apart in tests. */
  name: string;
  /** Broken on purpose; parsers must survive it but need not agree on it. */
  isMalformed: boolean;
}

export interface SampleMailbox {
  /** Levels separated by `/`, in Unicode. */
  path: string;
  /** RFC 6154 attribute such as `\Sent`. */
  specialUse: string | null;
  /** In order of arrival. */
  messages: SampleMessage[];
}

export interface Sample {
  primary: SampleMailbox[];
  relay: SampleMailbox[];
}

/** Whose mailbox it is. */
export declare const sampleOwner: { name: string; address: string };

/** The sample mailbox on both sides. Equal arguments give equal bytes. */
export declare function buildSampleMailbox(options: { now: Date; seed?: number | string; days?: number }): Sample;
