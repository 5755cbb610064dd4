const MIB = 1024 * 1024;

/** Bounds that window and app know: all others are the engine's, and a start need not load them. */
export const windowLimits = {
  listPageRows: 500,
  searchResultRows: 200,
  /** Mails in mails (and files in winmail.dat) that can be opened, one in the other. */
  maxInnerDepth: 8,
  maxMailtoChars: 8_192,
  /** One file attached to a mail being written, and all of them together. */
  maxDraftFileBytes: 50 * MIB,
  maxDraftFilesBytes: 60 * MIB,
  maxRecipients: 500,
  /** A document that is printed, as HTML with its pictures. */
  maxPrintChars: 60_000_000,
  /** Waits before a disk that refused the store is tried again; the last one repeats. */
  storeRetryMs: [1_000, 2_000, 5_000, 10_000, 30_000],
} as const;
