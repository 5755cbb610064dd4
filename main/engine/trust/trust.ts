import { MailError } from '../../../shared/errors.ts';
import { ownAddresses } from '../../../shared/model/account.ts';
import { asMailboxId, asSourceId, type EntryId } from '../../../shared/model/ids.ts';
import type { MessageRow } from '../../../shared/model/message.ts';
import type { SenderFinding } from '../../../shared/model/trust.ts';
import { baseDomain, domainOf } from '../../../shared/trust/base-domain.ts';
import type { Ingest, Segment } from '../ingest/protocol.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { headBlock } from '../core/head-block.ts';
import type { EntryDetail } from '../store/lists.ts';
import { assessSender, type Acquaintance, type SenderFields } from './assess-sender.ts';
import { headFields, type HeadField } from './head-fields.ts';
import { judgeAuthentication } from './judge-authentication.ts';

/** What is looked at of a header block: ten times what ordinary mail has. */
const MAX_HEAD_BYTES = 256 * 1024;
const MAX_NAMESAKES = 20;
/** With less mail before it than of these days, nearly every mail would be somebody's first. */
const HISTORY_MS = 7 * 86_400_000;
/** What the person wrote. */
const OWN_MAIL: ReadonlySet<string> = new Set(['sent', 'drafts']);
/** Where mail comes from people who may be met for the first time. */
const MET_IN: ReadonlySet<string> = new Set(['inbox', 'archive', 'other']);

/** What the person should know of the sender of a mail; nothing of one's own. @throws MailError not-found */
export async function assessMail(store: EngineStore, ingest: Ingest, id: EntryId): Promise<SenderFinding[]> {
  const detail = store.lists.detail(id);
  if (!detail) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  const role = store.mailboxes.get(asMailboxId(detail.viewMailboxId))?.role ?? 'other';
  if (OWN_MAIL.has(role) || detail.row.isDraft) return [];
  const head = headOf(store, detail);
  const fields = head === null ? [] : headFields(head.toString('utf8'));
  const people = await senderOf(ingest, detail, head, fields);
  const known = acquaintanceOf(store);
  const findings = assessSender(people, known);
  const authentication = authenticationFinding(store, detail, fields, people);
  const all = authentication === null ? findings : [authentication, ...findings];
  return MET_IN.has(role) && isFirstMail(store, detail.row, people, known) ? [...all, first(people)] : all;
}

/** The header block of the stored source; null where it is not here. */
function headOf(store: EngineStore, { sourceId, row }: EntryDetail): Buffer | null {
  if (sourceId === null || row.bodyState !== 'complete') return null;
  return headBlock(store.sources.raw(asSourceId(sourceId)), MAX_HEAD_BYTES);
}

/** As the reader shows them: by the same parser, of the header block alone. */
async function senderOf(
  ingest: Ingest,
  { headers }: EntryDetail,
  head: Buffer | null,
  fields: readonly HeadField[],
): Promise<SenderFields> {
  const rawFrom = fields.filter(({ name }) => name === 'from').map(({ body }) => body);
  if (head === null) return { from: headers.from, sender: headers.sender, replyTo: headers.replyTo, rawFrom };
  const whole: Segment = { digest: null, rawBytes: head.length, codec: 0, lineWidth: 0, content: new Uint8Array(head) };
  const { from, sender, replyTo } = (await ingest.open([whole])).parsed;
  return { from, sender, replyTo, rawFrom };
}

function acquaintanceOf(store: EngineStore): Acquaintance {
  const own = store.accounts.list().flatMap(({ config }) => ownAddresses(config).map((address) => ({ name: config.displayName, address })));
  return {
    own,
    writtenDomains: [...new Set(store.people.writtenTo().map(domainOf))],
    person: (address) => store.people.person(address),
    named: (words) => store.people.withWords(words.split(' '), MAX_NAMESAKES),
  };
}

function authenticationFinding(
  store: EngineStore,
  { row }: EntryDetail,
  fields: readonly HeadField[],
  { from }: SenderFields,
): SenderFinding | null {
  const { config } = store.accounts.get(row.accountId);
  const domain = domainOf(from[0]?.address ?? '');
  const verdict = fields.length === 0 ? 'silent' : judgeAuthentication(fields, config.managed.trustedAuthservIds ?? [], domain);
  // Mail within the company passes no check on its way.
  const isOfCompany = ownAddresses(config).some((one) => baseDomain(domainOf(one)) === baseDomain(domain));
  if (verdict === 'missing' && isOfCompany) return null;
  if (verdict !== 'failed' && verdict !== 'missing') return null;
  return { code: verdict === 'failed' ? 'auth-failed' : 'auth-missing', named: '', real: domain.slice(0, 400) };
}

const first = ({ from }: SenderFields): SenderFinding => ({ code: 'first-mail', named: '', real: (from[0]?.address ?? '').slice(0, 400) });

/** Known only where all mail has been counted; this mail is counted, too. */
function isFirstMail(
  store: EngineStore,
  { id, accountId, internalDate }: MessageRow,
  { from }: SenderFields,
  { own }: Acquaintance,
): boolean {
  const address = from[0]?.address ?? '';
  const domain = domainOf(address);
  const oldest = store.people.oldestMail(accountId);
  if (domain === '' || oldest === null || internalDate - oldest < HISTORY_MS || !store.people.isUpToDate()) return false;
  if (own.some((one) => baseDomain(domainOf(one.address)) === baseDomain(domain))) return false;
  const person = store.people.person(address);
  return person === null || person.sent + person.received - (store.people.isCounted(id) ? 1 : 0) <= 0;
}
