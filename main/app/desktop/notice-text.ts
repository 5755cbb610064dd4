import { effectOf } from '../../../shared/continuity-effect.ts';
import type { WindowRequest } from '../../../shared/ipc/calls/desktop.ts';
import type { MessageRow } from '../../../shared/model/message.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import type { Settings } from '../../../shared/model/settings.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import type { ModeNews } from './news.ts';
import type { DesktopWords } from './words.ts';

/** One notification, in plain text, and what a click on it asks of the window. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly opens: WindowRequest;
}

const MAX_NAME_CHARS = 60;
const MAX_SUBJECT_CHARS = 120;
const MAX_LISTED = 3;

/** Cut between characters, with an ellipsis. */
function cut(text: string, maxChars: number): string {
  const chars = [...text.slice(0, maxChars * 4)];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
}

/**
 * Text of a mail as it may stand in a notification: one line, nothing in it that hides or turns text, and nothing that a
 * notification server could take for markup, which its protocol allows in the text of a notification.
 */
export function plainLine(text: string, maxChars: number): string {
  const line = visibleLine(text).replaceAll(/\s+/gu, ' ').replaceAll('<', '‹').replaceAll('>', '›');
  return cut(line.replaceAll(/ ?&(?=[#\w]) ?/gu, ' & ').trim(), maxChars);
}

/** Who it says it is from; where the name poses as an address, the address itself. */
function senderOf({ people }: MessageRow, words: DesktopWords): string {
  const { name = '', address = '' } = people[0] ?? {};
  const shown = plainLine(name, MAX_NAME_CHARS);
  return (shown === '' || shown.includes('@') ? plainLine(address, MAX_NAME_CHARS) : shown) || words.someone;
}

const subjectOf = (subject: string, words: DesktopWords): string => plainLine(subject, MAX_SUBJECT_CHARS) || words.noSubject;

/** What is told of mail that came, newest first; null for nothing. Pure. */
export function mailNotice(rows: readonly MessageRow[], how: Settings['notifyMail'], words: DesktopWords): Notice | null {
  const [first] = rows;
  if (first === undefined || how === 'none') return null;
  const opens: WindowRequest = rows.length === 1 ? { kind: 'mail', entryId: first.id } : { kind: 'inbox' };
  const title = words.newMails(rows.length);
  if (how === 'arrival') return { title, body: '', opens };
  if (rows.length === 1) return { title: senderOf(first, words), body: subjectOf(first.subject, words), opens };
  const listed = rows.slice(0, MAX_LISTED).map((row) => `${senderOf(row, words)}: ${subjectOf(row.subject, words)}`);
  const rest = rows.length - listed.length;
  return { title, body: [...listed, ...(rest > 0 ? [words.more(rest)] : [])].join('\n'), opens };
}

/** Pure. */
export function modeNotice({ kind, states }: ModeNews, words: DesktopWords): Notice {
  const opens: WindowRequest = { kind: 'inbox' };
  if (kind === 'ask' && states.every(({ cause }) => cause === 'primary-not-delivering'))
    return { title: words.askDelivery, body: words.askDeliveryText, opens };
  if (kind === 'ask') return { title: words.ask, body: words.askText, opens };
  if (kind === 'over') return { title: words.over, body: words.overText, opens };
  const effect = states[0] ? effectOf(states[0]) : null;
  return { title: words.outage, body: effect === null ? '' : words.effects[effect], opens };
}

/** What is told of mail that did not leave as it should; its subject only where a person wants content shown. Pure. */
export function outboxNotice(items: readonly OutboxItem[], how: Settings['notifyMail'], words: DesktopWords): Notice | null {
  const [first] = items;
  if (first === undefined) return null;
  const isUncertain = items.every(({ state }) => state === 'unknown');
  const [title, text] = isUncertain ? [words.uncertain, words.uncertainText] : [words.refused, words.refusedText];
  const body = how === 'content' && items.length === 1 ? `${subjectOf(first.subject, words)}\n${text}` : text;
  return { title, body, opens: { kind: 'outbox' } };
}
