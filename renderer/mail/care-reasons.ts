import type { Attachment } from '../../shared/model/message.ts';
import type { AttachmentDanger, DangerCode, SenderFinding, SenderFindingCode } from '../../shared/model/trust.ts';
import type { CareWords } from '../text/en/care.ts';
import { contentWords } from './danger-words.ts';
import type { MailLink } from './link.ts';
import { linkWarnings, type LinkWarning } from './link-warnings.ts';
import { visibleLine } from '../../shared/visible-text.ts';

/** One thing to know about a mail, as it is shown. */
export interface CareReason {
  readonly key: string;
  /** A warning, or a remark that is no reason to worry. */
  readonly tone: 'warn' | 'note';
  readonly short: string;
  readonly long: string;
}

/** What is told first. From 40 on it is a warning. */
const SENDER_WEIGHT: Readonly<Record<SenderFindingCode, number>> = {
  'name-has-address': 95,
  'look-alike-domain': 94,
  'name-has-domain': 93,
  'odd-domain': 92,
  'auth-failed': 90,
  'name-of-contact': 88,
  'several-from': 85,
  'no-address': 80,
  'reply-elsewhere': 30,
  'auth-missing': 28,
  'sender-differs': 25,
  'first-mail': 10,
};
const LINK_WEIGHT: Readonly<Record<LinkWarning, number>> = {
  'look-alike': 84,
  'mixed-scripts': 83,
  'user-name': 77,
  unclear: 76,
  scheme: 75,
  'inner-domain': 72,
  'other-host': 70,
  'number-host': 55,
  'odd-host': 50,
  'foreign-letters': 0,
};
const DANGER_WEIGHT: Readonly<Record<DangerCode, number>> = {
  'double-ending': 89,
  disguised: 87,
  'holds-risky': 82,
  runs: 81,
  shortcut: 79,
  'other-type': 78,
  macros: 74,
  'remote-template': 74,
  'has-macros': 74,
  'pdf-acts': 68,
  'embedded-file': 67,
  'web-page': 73,
  'disk-image': 71,
  settings: 69,
  'locked-archive': 60,
  'unclear-archive': 35,
  'other-content': 33,
};
const WARN_FROM = 40;
/** How many are shown before somebody asks for details. */
export const SHOWN_AT_ONCE = 2;

export interface CareFacts {
  readonly findings: readonly SenderFinding[];
  readonly links: readonly MailLink[];
  readonly dangers: readonly AttachmentDanger[];
  readonly attachments: readonly Attachment[];
  /** Domains of the person's accounts. */
  readonly own: readonly string[];
}

type Weighed = CareReason & { readonly weight: number };

/** Everything to know about a mail, the most important first; of one kind of link one is named. Pure. */
export function careReasons({ findings, links, dangers, attachments, own }: CareFacts, words: CareWords): CareReason[] {
  const reason = (
    key: string,
    weight: number,
    { short, long }: { short: (a: string, b: string) => string; long: string },
    named: string,
    real = '',
  ): Weighed => {
    return { key, weight, tone: weight >= WARN_FROM ? 'warn' : 'note', short: short(visibleLine(named), visibleLine(real)), long };
  };
  const worst = new Map<LinkWarning, MailLink>();
  for (const link of links) {
    for (const code of linkWarnings(link, own)) if (LINK_WEIGHT[code] > 0 && !worst.has(code)) worst.set(code, link);
  }
  const nameOf = (index: number): string => attachments.find((one) => one.index === index)?.fileName ?? '';
  const found = [
    ...findings.map(({ code, named, real }) => reason(`sender ${code}`, SENDER_WEIGHT[code], words.sender[code], named, real)),
    ...[...worst].map(([code, { target }]) => reason(`link ${code}`, LINK_WEIGHT[code], words.links[code], target)),
    ...dangers.map((one) =>
      reason(`file ${one.index}`, DANGER_WEIGHT[one.code], words.dangers[one.code], nameOf(one.index), contentWords(one, words)),
    ),
  ];
  return found.sort((a, b) => b.weight - a.weight).map(({ weight: _, ...rest }) => rest);
}
