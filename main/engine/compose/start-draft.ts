import type { Account } from '../../../shared/model/account.ts';
import { quotationClass, type ComposeKind, type DraftContent, type Original } from '../../../shared/model/compose.ts';
import type { EntryId } from '../../../shared/model/ids.ts';
import type { DraftThread } from '../store/draft-row.ts';
import { escapeText } from './html.ts';
import type { Mailto } from './mailto.ts';
import { htmlFromText, quoteHtml, quoteText, type QuotedMail, type QuoteOptions } from './quote.ts';
import { reachedBy, replyRecipients, type People } from './reply-recipients.ts';
import { forwardSubject, replySubject } from './subject.ts';

/** A mail that is answered or forwarded. */
export interface OriginalMail extends QuotedMail, People {
  readonly entryId: EntryId;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
}

export interface StartedDraft {
  readonly content: DraftContent;
  readonly original: Original | null;
  readonly thread: DraftThread;
}

/** First and latest ones are kept of a longer list, as RFC 5322 3.6.4 and the line length ask for. */
const MAX_REFERENCES = 30;
const MESSAGE_ID = /^<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>$/;
const NO_THREAD: DraftThread = { inReplyTo: null, references: [] };

const signatureText = ({ config }: Account): string =>
  config.signature.trim() === '' ? '' : `\n\n-- \n${config.signature.replace(/\s+$/, '')}`;

function signatureHtml({ config }: Account): string {
  const signature = config.signature.replace(/\s+$/, '');
  if (signature.trim() === '') return '';
  const lines = signature.split(/\r\n|[\r\n]/).map(escapeText);
  return `<div><br></div><div>-- <br>${lines.join('<br>')}</div>`;
}

/** An empty mail with the signature, or what a link asks for. */
export function startNew(account: Account, link: Mailto | null): StartedDraft {
  const body = link?.body ?? '';
  const content: DraftContent = {
    ...{
      accountId: account.id,
      to: link?.to ?? [],
      cc: link?.cc ?? [],
      bcc: link?.bcc ?? [],
      subject: link?.subject ?? '',
      format: 'rich',
    },
    html: (body === '' ? '<div><br></div>' : htmlFromText(body)) + signatureHtml(account),
    text: body + signatureText(account),
  };
  return { content, original: null, thread: NO_THREAD };
}

/** Threading of an answer (RFC 5322 3.6.4); a forward begins a thread of its own. */
export function threadOf(mail: Pick<OriginalMail, 'messageId' | 'inReplyTo' | 'references'>, kind: ComposeKind): DraftThread {
  if (kind === 'forward' || mail.messageId === null || !MESSAGE_ID.test(mail.messageId)) return NO_THREAD;
  const before = mail.references.length > 0 ? mail.references : mail.inReplyTo === null ? [] : [mail.inReplyTo];
  const ids = [...new Set([...before.filter((id) => MESSAGE_ID.test(id) && id !== mail.messageId), mail.messageId])];
  const references = ids.length <= MAX_REFERENCES ? ids : [ids[0]!, ...ids.slice(1 - MAX_REFERENCES)];
  return { inReplyTo: mail.messageId, references };
}

export interface AnswerOptions extends QuoteOptions {
  readonly account: Account;
  readonly format: DraftContent['format'];
  /** addressKey() of all addresses of the person. */
  readonly own: ReadonlySet<string>;
}

/** A reply or forward: recipients, subject, place for the answer, signature, quotation. @throws MailError draft-invalid */
export function startAnswer(mail: OriginalMail, options: AnswerOptions): StartedDraft {
  const { account, kind, format, own } = options;
  const people = kind === 'forward' ? { to: [], cc: [] } : replyRecipients(mail, kind === 'reply-all', own);
  const from = reachedBy(account.config, mail);
  const content: DraftContent = {
    ...{ accountId: account.id, ...(from === undefined ? {} : { from }), ...people, bcc: [], format },
    subject: (kind === 'forward' ? forwardSubject : replySubject)(mail.subject).slice(0, 2000),
    html:
      format === 'rich'
        ? `<div><br></div>${signatureHtml(account)}<div><br></div><div class="${quotationClass}">${quoteHtml(mail, options)}</div>`
        : '',
    text: format === 'plain' ? `${signatureText(account)}\n\n${quoteText(mail, options)}\n` : '',
  };
  return { content, original: { entryId: mail.entryId, kind }, thread: threadOf(mail, kind) };
}
