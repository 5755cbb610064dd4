import { buildMail, newMessageId, type MailAttachment } from './mail-builder.ts';
import type { SeededRandom } from './random.ts';

const WORDS = (
  'report invoice meeting contract delivery question answer budget project deadline server mailbox holiday ticket order address ' +
  'Angebot Rechnung Besprechung Vertrag Lieferung Frage Antwort Grüße Übersicht Änderung Straße Bestätigung später möglich über für'
).split(' ');
const NAMES = ['Anna Example', 'Ben Sample', 'Jörg Müller', 'Zoë Ångström', 'Carla', 'D. Prüfer', '山田太郎', 'E Quote'];
const HOSTS = ['example.com', 'example.org', 'example.net', 'mail.test'];
const FLAGS = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'label1'];
const ONE_DAY_MS = 86_400_000;

/** A generated message with what a test needs to know of it. */
export interface RandomMail {
  readonly raw: Buffer;
  readonly messageId: string;
  readonly subject: string;
  /** Milliseconds since 1970; whole seconds. */
  readonly internalDate: number;
  readonly flags: readonly string[];
}

export interface RandomMailOptions {
  /** Latest date; default 15 January 2025. */
  readonly now?: number;
  /** Dates lie this many days back at most (default 30). */
  readonly days?: number;
  /** About this size of the whole message, by an attachment; default small ones, some with attachments. */
  readonly sizeBytes?: number;
}

/** Words in a row, German and English. */
export function randomText(random: SeededRandom, words: number): string {
  return Array.from({ length: words }, () => random.pick(WORDS)).join(' ');
}

function address(random: SeededRandom): string {
  return `${random.pick(NAMES)} <${random.word(6)}@${random.pick(HOSTS)}>`;
}

function attachments(random: SeededRandom, sizeBytes: number | undefined): MailAttachment[] {
  if (sizeBytes !== undefined) {
    const bytes = Math.floor(((sizeBytes - 1500) * 3) / 4.1);
    return bytes > 0 ? [{ fileName: `${random.word(8)}.bin`, content: random.bytes(bytes) }] : [];
  }
  if (!random.bool(0.15)) return [];
  return Array.from({ length: random.int(1, 3) }, () => ({
    fileName: `${random.pick(WORDS)}.${random.pick(['pdf', 'txt', 'zip'])}`,
    contentType: random.pick(['application/pdf', 'text/plain', 'application/zip']),
    content: random.bytes(random.int(10, 4000)),
  }));
}

/** A message that follows from the seed alone: text, at times HTML, at times attachments. */
export function randomMail(random: SeededRandom, options: RandomMailOptions = {}): RandomMail {
  const now = options.now ?? Date.UTC(2025, 0, 15);
  const internalDate = Math.floor((now - random.next() * (options.days ?? 30) * ONE_DAY_MS) / 1000) * 1000;
  const subject = randomText(random, random.int(1, 8));
  const messageId = `<${random.word(16)}@${random.pick(HOSTS)}>`;
  const text = Array.from({ length: random.int(1, 8) }, () => randomText(random, random.int(3, 30))).join('\n\n');
  const html = random.bool(0.4) ? { html: `<html><body><p>${text.replace(/\n\n/g, '</p><p>')}</p></body></html>` } : {};
  const raw = buildMail({
    from: address(random),
    to: address(random),
    subject,
    messageId,
    date: internalDate - random.int(0, 600) * 1000,
    text,
    ...html,
    attachments: attachments(random, options.sizeBytes),
  });
  return { raw, messageId, subject, internalDate, flags: FLAGS.filter(() => random.bool(0.3)) };
}

/** Messages that hostile or broken senders make; each with what is wrong. CRLF line ends unless that is the point. */
export function oddMails(): { readonly what: string; readonly raw: Buffer }[] {
  const plain = buildMail({ subject: 'odd', text: 'Body\n', messageId: '<odd@example.com>' }).toString('latin1');
  const crlf = (text: string): Buffer => Buffer.from(text, 'latin1');
  return [
    { what: 'no Message-ID', raw: buildMail({ messageId: null }) },
    { what: 'blank Message-ID', raw: crlf(plain.replace('<odd@example.com>', '')) },
    { what: 'two Message-IDs', raw: buildMail({ headers: [['Message-ID', '<first@example.com>']], messageId: '<second@example.com>' }) },
    { what: '20 KB Message-ID', raw: buildMail({ messageId: `<${'m'.repeat(20_000)}@example.com>` }) },
    { what: 'no Date', raw: crlf(plain.replace(/^Date:.*\r\n/, '')) },
    { what: 'Date in year 9999', raw: buildMail({ date: Date.UTC(9999, 11, 31), messageId: newMessageId() }) },
    { what: 'unreadable Date', raw: crlf(plain.replace(/^Date:.*\r\n/, 'Date: yesterday, or so\r\n')) },
    { what: 'no header at all', raw: crlf('\r\njust text\r\n') },
    { what: 'no body and no blank line', raw: crlf('Subject: only a header\r\n') },
    {
      what: 'NUL-free binary in the body',
      raw: Buffer.concat([crlf('Subject: bin\r\n\r\n'), Buffer.from([0x80, 0xff, 0xfe, 0x01]), crlf('\r\n')]),
    },
    { what: 'unclosed multipart', raw: crlf('Subject: mp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\npart') },
    { what: 'unknown charset', raw: crlf('Subject: =?x-none?Q?=FF?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\n\xff\r\n') },
  ];
}
