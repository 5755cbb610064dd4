/** One line of a mail: text is written in UTF-8, bytes as they are. */
export type Line = string | Buffer;

/** A file that a reader must offer, by the name that is shown and the bytes that are saved. */
export interface ExpectedFile {
  readonly name: string;
  readonly content: Buffer;
}

/** What a person must get of a mail, whatever parser reads it; written by hand, never taken from one. */
export interface Expected {
  readonly subject: string;
  /** Each as `Name <address>`. */
  readonly from: readonly string[];
  /** Each must be readable in what is shown; white space counts as one blank. */
  readonly texts: readonly string[];
  /** None of it may be shown. */
  readonly hidden: readonly string[];
  readonly files: readonly ExpectedFile[];
}

/** A mail that breaks a rule, with what it must be read as. */
export interface MalformedMail {
  readonly family: string;
  readonly name: string;
  readonly raw: Buffer;
  readonly expected: Expected;
}

/** A mail without its family; what is not said of `expected` is that of the mail in which nothing else is wrong. */
export interface Case {
  readonly name: string;
  readonly raw: Buffer;
  readonly expected: Partial<Expected>;
}

export const FROM = 'Erika Muster <erika@example.com>';
export const SUBJECT = 'Angebot';
export const TEXT = 'Guten Tag, anbei das Angebot.';
/** Bytes that no text has, without line ends, so that they are the same however lines end. */
export const FILE: Buffer = Buffer.from(Array.from({ length: 200 }, (_, n) => 0x80 + ((n * 7) % 0x80)));

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
export const bytes = (...all: Line[]): Buffer => Buffer.concat(all.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)));
export const base64 = (content: Buffer | string): string => Buffer.from(content).toString('base64');

/** Lines with CRLF between them, none behind the last. */
export function lines(...all: readonly Line[]): Buffer {
  return bytes(...all.flatMap((line, n) => (n === 0 ? [line] : ['\r\n', line])));
}

/** What stands for itself in every mail. */
export const ENVELOPE: readonly string[] = [
  'To: max@example.org',
  'Date: Tue, 4 Nov 2025 09:30:00 +0100',
  'Message-ID: <malformed@mail.example.com>',
  'MIME-Version: 1.0',
];

/** A mail of header lines and a body, with the usual From and Subject where these are not given. */
export function mail(given: { from?: Line; subject?: Line; head?: readonly Line[]; body?: readonly Line[] }): Buffer {
  const { from = FROM, subject = SUBJECT, head = ['Content-Type: text/plain; charset=utf-8'], body = [TEXT] } = given;
  return lines(bytes('From: ', from), bytes('Subject: ', subject), ...ENVELOPE, ...head, '', ...body, '');
}

export const PLAIN_HEAD: readonly string[] = ['Content-Type: text/plain; charset=utf-8', ''];
export const FILE_HEAD: readonly string[] = [
  'Content-Type: application/octet-stream',
  'Content-Disposition: attachment; filename="daten.bin"',
  'Content-Transfer-Encoding: base64',
  '',
];
export const FILE_LINES: readonly string[] = base64(FILE).match(/.{1,76}/g) ?? [];
export const PLAIN_PART: readonly string[] = [...PLAIN_HEAD, TEXT];
export const FILE_PART: readonly string[] = [...FILE_HEAD, ...FILE_LINES];
export const THE_FILE: ExpectedFile = { name: 'daten.bin', content: FILE };

/** A mail of which the body stands in these lines, under a multipart with this Content-Type. */
export const multipart = (contentType: Line, ...body: readonly Line[]): Buffer =>
  mail({ head: [bytes('Content-Type: ', contentType)], body });

/** A mail in which the subject alone is wrong. */
export const subjectOf = (name: string, subject: Line, expected = SUBJECT): Case => ({
  name,
  raw: mail({ subject }),
  expected: { subject: expected },
});

/** A mail in which the sender alone is wrong. */
export const fromOf = (name: string, from: Line, ...expected: readonly string[]): Case => ({
  name,
  raw: mail({ from }),
  expected: { from: expected },
});

/** Gives the cases of one family the expectations that they leave open. */
export function family(name: string, cases: readonly Case[]): MalformedMail[] {
  const usual: Expected = { subject: SUBJECT, from: [FROM], texts: [TEXT], hidden: [], files: [] };
  return cases.map((one) => ({ family: name, name: one.name, raw: one.raw, expected: { ...usual, ...one.expected } }));
}
