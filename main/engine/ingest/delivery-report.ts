import type { DeliveryReport } from '../../../shared/model/outbox.ts';
import { decodeBytes } from '../mime/charset.ts';
import { cleanLine } from '../mime/clean-text.ts';
import { firstMessageId, messageIdList } from '../mime/message-ids.ts';
import type { Part } from '../mime/part.ts';
import { parseSentDate } from '../mime/sent-date.ts';
import type { ReadSource } from './message-reader.ts';
import { fieldText } from './skeleton.ts';

type ReportedRecipient = DeliveryReport['recipients'][number];

const REPORT = 'multipart/report';
const STATUS = new Set(['message/delivery-status', 'message/global-delivery-status']);
const ORIGINAL = new Set(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers']);
const ACTIONS: ReadonlySet<string> = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded']);
/** A larger original is known by In-Reply-To or References only. */
const MAX_ORIGINAL_BYTES = 256 * 1024;
const MAX_RECIPIENTS = 100;
const MAX_TEXT_CHARS = 500;

/** Keeps what a report returns of the mail it is about: its Message-ID is in there. */
export function wantReported(part: Part): number {
  return ORIGINAL.has(part.type) && part.parent?.type === REPORT ? MAX_ORIGINAL_BYTES : 0;
}

/** The report that a message is (RFC 3464), if it is one and says which mail it is about. A claim: nothing proves who wrote it. Pure. */
export function deliveryReportOf(source: ReadSource): DeliveryReport | null {
  const status = source.texts.find(({ part }) => STATUS.has(part.type) && part.parent?.type === REPORT);
  if (!status) return null;
  const originalMessageId = originalOf(source, status.part.parent);
  const [, ...groups] = fieldGroups(decodeBytes(Buffer.concat(status.content)));
  const recipients = groups.slice(0, MAX_RECIPIENTS).flatMap(recipientOf);
  return originalMessageId === null || recipients.length === 0 ? null : { originalMessageId, recipients };
}

function originalOf(source: ReadSource, report: Part | null): string | null {
  const returned = source.attachments.find(({ part, content }) => part.parent === report && ORIGINAL.has(part.type) && content !== null);
  const [head] = returned?.content ? fieldGroups(decodeBytes(returned.content)) : [];
  const found = head?.get('message-id');
  const own = found === undefined ? null : firstMessageId(found);
  if (own !== null) return own;
  const body = (name: string): string =>
    source.fields
      .filter((one) => one.name === name)
      .map(fieldText)
      .join(' ');
  return firstMessageId(body('in-reply-to')) ?? messageIdList(body('references')).at(-1) ?? null;
}

/** Groups of header fields with an empty line between them, folded lines joined; the first of equal names counts. */
function fieldGroups(text: string): ReadonlyMap<string, string>[] {
  const blocks = text
    .replace(/\r\n?/gu, '\n')
    .replace(/\n[ \t]+/gu, ' ')
    .trimStart()
    .split(/\n{2,}/u);
  return blocks.slice(0, MAX_RECIPIENTS + 1).map((block) => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
      if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
    }
    return fields;
  });
}

/** `rfc822; bob@example.com` without its type. */
const typed = (value: string): string => value.slice(value.indexOf(';') + 1).trim();

function recipientOf(fields: ReadonlyMap<string, string>): ReportedRecipient[] {
  const action = (fields.get('action') ?? '').toLowerCase();
  // What we wrote to comes first: a list or an alias may have made another address of it.
  const address = typed(fields.get('original-recipient') ?? fields.get('final-recipient') ?? '').replace(/^<|>$/gu, '');
  if (!ACTIONS.has(action) || address === '') return [];
  const words = fields.get('diagnostic-code');
  const until = fields.get('will-retry-until');
  return [
    {
      address: cleanLine(address, 320),
      action: action as ReportedRecipient['action'],
      status: /^[245]\.\d{1,3}\.\d{1,3}/u.exec(fields.get('status') ?? '')?.[0] ?? null,
      text: words === undefined ? null : cleanLine(typed(words), MAX_TEXT_CHARS),
      retryUntil: until === undefined ? null : parseSentDate(until),
    },
  ];
}
