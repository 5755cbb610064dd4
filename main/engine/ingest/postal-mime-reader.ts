import PostalMime, { type Address as PostalAddress } from 'postal-mime';
import { limits } from '../../../shared/limits.ts';
import { flattenAddresses } from './flatten-addresses.ts';
import type { ReadMail } from './mailparser-reader.ts';

/** A second opinion on the same skeleton. @throws when postal-mime refuses it. */
export async function readWithPostalMime(skeleton: Buffer): Promise<ReadMail> {
  const mail = await PostalMime.parse(skeleton, {
    forceRfc822Attachments: true,
    maxNestingDepth: limits.maxMimeDepth + 1,
    maxHeadersSize: 2 * limits.maxHeaderBytes,
  });
  const list = (found: PostalAddress | readonly PostalAddress[] | undefined) => flattenAddresses(found ? [found].flat() : []);
  return {
    subject: mail.subject ?? '',
    from: list(mail.from),
    sender: list(mail.sender),
    replyTo: list(mail.replyTo),
    to: list(mail.to),
    cc: list(mail.cc),
    bcc: list(mail.bcc),
    text: mail.text ?? '',
    html: mail.html ?? '',
  };
}
