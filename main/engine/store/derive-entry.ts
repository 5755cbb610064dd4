import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { BodyState } from '../../../shared/model/message.ts';
import type { MailboxId, SourceId } from '../../../shared/model/ids.ts';
import type { Placement } from './placements.ts';
import { flagBits } from './flags.ts';
import { leadLabel } from './labels.ts';

export const SIDE_PRIMARY = 1;
export const SIDE_RELAY = 2;

/** What of an entry follows from its placements. */
export interface DerivedEntry {
  readonly viewMailboxId: MailboxId;
  readonly flagBits: number;
  readonly sideBits: number;
  readonly isListed: boolean;
  readonly isQuarantined: boolean;
  readonly bodyState: BodyState;
  readonly sourceId: SourceId | null;
  readonly recoverableSince: number | null;
}

export interface DeriveContext {
  roleOf(mailboxId: MailboxId): MailboxRole;
  /** The mailbox under which a relay mailbox's mail is shown: the primary's of the same role, or itself. */
  viewOf(mailboxId: MailboxId): MailboxId;
  /**
   * Mail held only by the relay is listed from this internal date on; older mail was deleted or filed at the primary
   * before we first looked. Null while the primary has never been read: then everything is listed.
   */
  readonly relayOnlyListedFrom: number | null;
  /** Placements at the primary are labels of one message: see labels.ts. */
  readonly hasLabels: boolean;
}

const LIVE = new Set(['present', 'superseded', 'held']);

/** On the server and not marked for removal there (by us where single messages cannot be removed, or by another client). */
const isLive = (one: Placement): boolean => LIVE.has(one.state) && !one.flags.includes('\\deleted');
const BODY_ORDER: readonly BodyState[] = ['complete', 'partial', 'missing', 'too-large', 'unreadable'];

function best(placements: readonly Placement[]): Pick<DerivedEntry, 'bodyState' | 'sourceId'> {
  // The primary's source wins: it is the one a restore would put back.
  const ranked = [...placements].sort(
    (a, b) =>
      BODY_ORDER.indexOf(a.bodyState) - BODY_ORDER.indexOf(b.bodyState) ||
      Number(a.side === 'relay') - Number(b.side === 'relay') ||
      a.id - b.id,
  );
  const first = ranked[0];
  return { bodyState: first?.bodyState ?? 'missing', sourceId: first?.sourceId ?? null };
}

/** Which of the copies at the primary counts. */
const leadOf = (primary: readonly Placement[], { hasLabels, roleOf }: DeriveContext): Placement | undefined =>
  hasLabels ? leadLabel(primary, roleOf) : primary.at(-1);

function place(
  placements: readonly Placement[],
  context: DeriveContext,
): Pick<DerivedEntry, 'viewMailboxId' | 'isListed' | 'recoverableSince'> {
  const of = (side: string, live: boolean) => placements.filter((one) => one.side === side && isLive(one) === live);
  const primary = leadOf(of('primary', true), context);
  const last = placements.at(-1)!;
  if (primary) return { viewMailboxId: primary.mailboxId, isListed: true, recoverableSince: null };
  const gone = of('primary', false);
  const anchor = leadOf(gone, context) ?? last;
  const view = context.viewOf(anchor.mailboxId);
  if (placements.some((one) => one.state === 'unlinked')) {
    return { viewMailboxId: view, isListed: false, recoverableSince: null };
  }
  if (gone.length > 0) return { viewMailboxId: view, isListed: false, recoverableSince: Math.max(...gone.map((one) => one.stateSince)) };
  const relay = of('relay', true).at(-1);
  if (!relay) return { viewMailboxId: view, isListed: false, recoverableSince: last.stateSince };
  const from = context.relayOnlyListedFrom;
  const isListed = from === null || relay.internalDate >= from || context.roleOf(relay.mailboxId) === 'quarantine';
  return { viewMailboxId: context.viewOf(relay.mailboxId), isListed, recoverableSince: isListed ? null : relay.stateSince };
}

/**
 * Where and how an entry is shown, from its placements (at least one). Pure. The primary decides place and flags; mail the
 * primary lost is recoverable even if the relay still has its copy, or a deleted mail would come back to the inbox.
 */
export function deriveEntry(placements: readonly Placement[], context: DeriveContext): DerivedEntry {
  const live = placements.filter(isLive);
  const lead =
    leadOf(
      live.filter((one) => one.side === 'primary'),
      context,
    ) ??
    live.at(-1) ??
    placements.at(-1)!;
  let sideBits = 0;
  for (const one of live) sideBits |= one.side === 'primary' ? SIDE_PRIMARY : SIDE_RELAY;
  return {
    ...place(placements, context),
    ...best(placements),
    flagBits: flagBits(lead.flags),
    sideBits,
    isQuarantined: live.some((one) => context.roleOf(one.mailboxId) === 'quarantine') && (sideBits & SIDE_PRIMARY) === 0,
  };
}
