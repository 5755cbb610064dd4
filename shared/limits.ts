import { windowLimits } from './window-limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the product, with those of the window; units are in the names. */
export const limits = {
  ...windowLimits,
  /** Largest message whose source is fetched; a larger one is listed with its envelope and the reason. */
  maxSourceBytes: 150 * MIB,
  /** Messages up to this size are fetched many per command; larger ones in slices. */
  wholeFetchBytes: 2 * MIB,
  /** Size of one slice of a large message. */
  sliceBytes: 1 * MIB,
  /** Sources asked for in one command. The reader pauses where they are not taken as fast, so that few of them are in memory. */
  batchBytes: 32 * MIB,
  batchMessages: 500,
  /** Headers and flags asked for in one command, first batch smaller so that rows appear at once. */
  summaryBatch: 500,
  firstSummaryBatch: 50,
  /** Longest literal accepted in answer to anything but a source fetch. */
  maxAnswerLiteralBytes: 16 * MIB,
  maxAnswerLineBytes: 2 * MIB,
  maxUntaggedPerCommand: 2_000_000,
  maxMailboxes: 5_000,
  maxMailboxNameBytes: 4 * KIB,
  /** MIME. */
  maxHeaderBytes: 1 * MIB,
  maxHeaderLines: 5_000,
  maxMimeDepth: 100,
  maxMimeParts: 1_000,
  maxAddresses: 2_000,
  maxSubjectChars: 2_000,
  maxPreviewChars: 200,
  maxFileNameChars: 255,
  /** Decoded text of one message that is shown or indexed. */
  maxTextChars: 2_000_000,
  maxIndexedChars: 200_000,
  maxHtmlChars: 5_000_000,
  /** Inline images handed to the reading pane. */
  maxInlineImageBytes: 10 * MIB,
  maxInlineImagesBytes: 30 * MIB,
  /** Attachment handed to the window for preview; larger ones can be saved. */
  maxPreviewAttachmentBytes: 25 * MIB,
  maxSourceViewBytes: 5 * MIB,
  /** A mail or winmail.dat that is opened within another. */
  maxInnerBytes: 25 * MIB,
  /** Files taken out of one winmail.dat, and how many of its attributes and properties are read. */
  maxTnefFiles: 200,
  maxTnefRecords: 20_000,
  /** Of the formatted text in a winmail.dat, expanded. */
  maxRtfBytes: 8 * MIB,
  /** An invitation, and what is shown of it. */
  maxCalendarBytes: 2 * MIB,
  maxAttendees: 200,
  /** Time a parser may take for one message before its worker is replaced. */
  parseTimeoutMs: 10_000,
  connectTimeoutMs: 15_000,
  greetingTimeoutMs: 15_000,
  commandTimeoutMs: 60_000,
  /** Silence inside an answer that is taken for a dead connection. */
  stallTimeoutMs: 30_000,
  /** A command left unanswered this long: its server is shown as away, though the connection is given up by commandTimeoutMs only. */
  overdueMs: 20_000,
  /** RFC 2177: renewed before 29 minutes; so much shorter because a renewal is what shows that a silent server still answers. */
  idleRenewMs: 20_000,
  /** A server that leaves a renewed IDLE unanswered this long is shown as away; the connection is given up by stallTimeoutMs. */
  silenceMs: 6_000,
  /** Backoff between connection attempts. */
  backoffFirstMs: 1_000,
  backoffMaxMs: 5 * 60_000,
  /** A connection must have lived this long before backoff starts from the beginning again. */
  provenSurvivalMs: 5 * 60_000,
  /** How often it is seen whether the store's files are still at their place. */
  storePlaceMs: 5_000,
  /** Mass-delete guard: more than this share and this number vanishing at once are held back. */
  massVanishShare: 0.2,
  massVanishCount: 50,
  massVanishHoldDays: 7,
  /** Segments from this size on are kept in pack files beside the database. */
  packedFromBytes: 4 * KIB,
  /** A pack that has reached this size is not written to any more. */
  packBytes: 64 * MIB,
  /** Bytes of packs moved in one upkeep to give room back. */
  compactBytes: 16 * MIB,
  maxWalBytes: 64 * MIB,
  /** Submission: retries with backoff, then given up and told. */
  submitFirstRetryMs: 20_000,
  submitMaxRetryMs: 30 * 60_000,
  submitLifeMs: 5 * 86_400_000,
  /** A submission server may think this long about the final dot (RFC 5321 4.5.3.2.6: 10 minutes). */
  submitReplyTimeoutMs: 10 * 60_000,
  /** Greeting, STARTTLS and log-in, all steps together. */
  submitSessionTimeoutMs: 3 * 60_000,
  /** Before that (RFC 5321 4.5.3.2): MAIL and RCPT, DATA, one block of the mail. */
  submitCommandTimeoutMs: 5 * 60_000,
  submitDataTimeoutMs: 2 * 60_000,
  submitBlockTimeoutMs: 3 * 60_000,
  /** Outage detection: probes after a first failure, and in calm weather. */
  probeTimeoutMs: 8_000,
  confirmProbeMs: 2_000,
  calmProbeMs: 15 * 60_000,
  outageProbeFirstMs: 15_000,
  outageProbeMaxMs: 5 * 60_000,
  maxConversationMails: 200,
} as const;
