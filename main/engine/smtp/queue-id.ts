import type { Reply } from './reply.ts';

const MAX_CHARS = 200;

/** How servers name a mail they took, most telling form first. */
const forms: readonly RegExp[] = [
  // Postfix and what is built on it
  /\bqueued as ([\w.-]+)/i,
  // Exchange, with the id of its own database
  /\bInternalId=(\d+)/i,
  // Microsoft 365: the Message-ID it gives the mail in place of ours
  /(<[^<>\s]+\.prod\.outlook\.com>)/i,
  // Exim
  /\bid=([\w-]+)/i,
  // Gmail: `OK  1700000000 a1-20020ac8sm123.45 - gsmtp`
  /\bOK\s+\d{9,11}\s+([\w.-]+) - gsmtp/i,
  // qmail
  /\bqp (\d+)/i,
  // Haraka
  /\bqueued \(([0-9a-f]{8}-[0-9a-f-]{20,})\)/i,
  // sendmail, OpenSMTPD
  /([\w-]{6,}):? Message accepted for delivery/i,
  // Amazon SES, with or without the enhanced code
  /\bOk ([0-9a-f]{8,}(?:-[0-9a-f]+)+)$/i,
];

/** The server's own name for the mail in its reply to the final dot, where it tells one: what an administrator can look for in the logs. */
export function queueIdOf(reply: Reply): string | null {
  for (const form of forms) {
    const id = form.exec(reply.text)?.[1];
    if (id !== undefined) return id.slice(0, MAX_CHARS);
  }
  return null;
}
