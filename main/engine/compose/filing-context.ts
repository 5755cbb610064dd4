import type { CutPauses } from '../imap/cut-pauses.ts';
import type { MessagePieces } from '../imap/gateway.ts';
import type { AccountId, DraftId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { DraftRow } from '../store/draft-row.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { primaryMailbox } from '../store/primary-mailbox.ts';
import { isHeldBack } from './filing-refusal.ts';

/** What filing drafts is lent. */
export interface FilingContext {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Log;
  /** By draft. */
  readonly cuts: CutPauses;
  /** By copy that has to go: one that the server does not let go must not hold up what is written on. */
  readonly removalCuts: CutPauses;
  /** When the last complete look at the primary ended, milliseconds since 1970; null where there was none. */
  lookedAt(accountId: AccountId): number | null;
  /** Changes may be carried to the primary now; in an outage they wait for the reconciliation. */
  mayFile(accountId: AccountId): boolean;
  /** The app is about to end: nothing waits for a pause in the writing. */
  isClosing(): boolean;
  newMessageId(accountId: AccountId): string;
  /** The bytes of a draft as it stands, blind recipients in front. */
  render(row: DraftRow, messageId: string, date: number): Promise<MessagePieces>;
  /** How entries are shown, for one that goes with its message. */
  view(accountId: AccountId): DeriveContext;
  onListsChanged(ids: readonly Mailbox['id'][]): void;
  onDraftChanged(id: DraftId): void;
  /** The primary did not take its copy; why, and when it is tried again, is noted. */
  onRefused(id: DraftId): void;
  /** A copy that had to go stays, since it is not as we filed it or somebody has marked it; called before it is forgotten. */
  onKept(accountId: AccountId, id: DraftId): void;
  /** Older copies are told as left on the primary, or no longer. */
  onLeftoversChanged(): void;
  readonly step: (name: string) => void;
}

/** A draft is filed when nothing was written for this long. */
export const FILE_AFTER_MS = 8_000;

/** Whether words of a draft are here alone. What was never touched has none. */
export const hasUnfiledWords = ({ revision, filedRevision }: DraftRow): boolean =>
  revision !== filedRevision && !(revision === 0 && filedRevision === null);

/** Where the primary has no mailbox for drafts. */
export const NO_PATH = '';

const filingPath = (store: EngineStore, accountId: AccountId): string => primaryMailbox(store, accountId, 'drafts')?.path ?? NO_PATH;

/** Whether the copy on the server is older than the draft, the person has paused, and no refusal stands in the way. */
export function isDue({ clock, isClosing, store }: FilingContext, row: DraftRow): boolean {
  if (!hasUnfiledWords(row) || isHeldBack(row, filingPath(store, row.accountId), clock.now())) return false;
  // A clock that was ahead must not put it off.
  const age = clock.now() - row.savedAt;
  return isClosing() || age >= FILE_AFTER_MS || age < 0;
}
