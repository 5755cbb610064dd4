import { MailError } from '../../../shared/errors.ts';
import type { Account } from '../../../shared/model/account.ts';
import { limits } from '../../../shared/limits.ts';
import type { DraftContent, DraftFile } from '../../../shared/model/compose.ts';
import type { Address } from '../../../shared/model/message.ts';
import { headerLine } from './plain-text.ts';
import { ownAlias } from './reply-recipients.ts';
import { wireAddress, type WireAddress } from './wire-address.ts';

export const RECIPIENT_FIELDS = ['to', 'cc', 'bcc'] as const;
export type RecipientField = (typeof RECIPIENT_FIELDS)[number];

/** A recipient with a name that may stand in a header. */
export interface Recipient extends WireAddress {
  readonly name: string;
}

export type Recipients = Readonly<Record<RecipientField, readonly Recipient[]>>;

const MAX_NAME_CHARS = 200;

/** `detail` names the field only: an address is nobody's business in a log. */
const invalid = (detail: string): MailError => new MailError('draft-invalid', { scope: 'message', retry: 'ask', detail });

export function recipient({ name, address }: Address): Recipient | null {
  const wire = wireAddress(address);
  return wire && { ...wire, name: headerLine(name, MAX_NAME_CHARS) };
}

/**
 * Proves that a draft can be sent.
 * @throws MailError draft-invalid whose detail names the field and place: `to` (nobody), `to[2]`, `files`.
 */
export function checkDraft(content: DraftContent, files: readonly Pick<DraftFile, 'sizeBytes'>[]): Recipients {
  const found = { to: list(content, 'to'), cc: list(content, 'cc'), bcc: list(content, 'bcc') };
  const count = found.to.length + found.cc.length + found.bcc.length;
  if (count === 0) throw invalid('to');
  if (count > limits.maxRecipients) throw invalid('recipients');
  if (files.some((one) => one.sizeBytes > limits.maxDraftFileBytes)) throw invalid('files');
  if (files.reduce((sum, one) => sum + one.sizeBytes, 0) > limits.maxDraftFilesBytes) throw invalid('files');
  return found;
}

function list(content: DraftContent, field: RecipientField): Recipient[] {
  return content[field].map((one, index) => {
    const found = recipient(one);
    if (found === null) throw invalid(`${field}[${index}]`);
    return found;
  });
}

/** The recipients that are addresses already: for the copy of a draft on the server, which may be unfinished. */
export function validRecipients(content: DraftContent): Recipients {
  const valid = (field: RecipientField) => content[field].map(recipient).filter((one) => one !== null);
  return { to: valid('to'), cc: valid('cc'), bcc: valid('bcc') };
}

/**
 * Whom the mail is from: `chosen` where it is an address of the account, which nobody who asks for another can send by.
 * @throws MailError config-invalid
 */
export function senderOf({ config }: Account, chosen?: string): Recipient {
  const from = recipient({ name: config.displayName, address: ownAlias(config, chosen ?? '') ?? config.email });
  if (from === null) throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: 'address of the account' });
  return from;
}

/** Every address once, as RCPT TO is told; local parts that differ in case only are taken for one. */
export function envelopeTo({ to, cc, bcc }: Recipients): string[] {
  const all = new Map([...to, ...cc, ...bcc].map(({ address }) => [address.toLowerCase(), address]));
  return [...all.values()];
}
