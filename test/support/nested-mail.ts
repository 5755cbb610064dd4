import { buildMail } from './mail-builder.ts';

/** A mail that holds a mail, and so on; the innermost holds `a.txt`. Each says its level, the outermost 0. */
export function nestedMail(depth: number): Buffer {
  const file = { fileName: 'a.txt', contentType: 'text/plain', content: Buffer.from('deep') };
  let mail = buildMail({ subject: `level ${depth}`, text: `text ${depth}`, attachments: [file] });
  for (let level = depth - 1; level >= 0; level -= 1) mail = around(mail, level);
  return mail;
}

function around(inner: Buffer, level: number): Buffer {
  const head = `From: Anna Example <anna@example.com>\r\nTo: ben@example.org\r\nDate: Wed, 15 Jan 2025 09:30:00 +0000\r\nSubject: level ${level}\r\nMessage-ID: <nested.${level}@example.com>\r\nMIME-Version: 1.0\r\n`;
  const type = `Content-Type: multipart/mixed; boundary="level-${level}-"\r\n\r\n`;
  const text = `--level-${level}-\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ntext ${level}\r\n`;
  const attached = `--level-${level}-\r\nContent-Type: message/rfc822; name="Mail ${level + 1}.eml"\r\nContent-Disposition: attachment; filename="Mail ${level + 1}.eml"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head + type + text + attached), inner, Buffer.from(`\r\n--level-${level}---\r\n`)]);
}
