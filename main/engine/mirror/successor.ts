import type { ContentMarks } from '../store/contract.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels, isSameLabelled } from '../store/labels.ts';
import type { Placement } from '../store/placements.ts';
import { isDatedAnew, isSameBody, likeliestFirst, matchOnSameServer } from './match.ts';
import type { MirrorContext } from './mirror-context.ts';

/** Between a move and the look that tells of its first half. */
const MOVE_MS = 60 * 60_000;

/** Between the first half of a move and its second, where the server dates anew what it moves: a copy that stood there longer is another. */
const DATED_ANEW_MS = 60_000;

const isSince = (gone: Placement, one: Placement): boolean => one.stateSince > gone.stateSince - DATED_ANEW_MS;

/** Not known to be unlike: where both sources are here they have the last word. */
export function mayBeOneMail(
  { sources }: EngineStore,
  left: Placement,
  right: Placement,
  isSame: (left: ContentMarks, right: ContentMarks) => boolean,
): boolean {
  const [one, other] = [left, right].map(({ sourceId }) => (sourceId === null ? null : sources.contentMarks(sourceId)));
  return !one || !other || isSame(one, other);
}

const hasSameBody = (left: ContentMarks, right: ContentMarks): boolean => isSameBody(left.body, right.body);

/** One of another size is the same mail in a server's estimate if it turned up when the other went; else a copy that came another way. */
function mayFollow(gone: Placement, one: Placement): boolean {
  if (matchOnSameServer(gone, one) === 'none') return false;
  return one.sizeBytes === gone.sizeBytes || one.stateSince > gone.stateSince - MOVE_MS;
}

/**
 * Where a message that is gone from its mailbox stands by now, if it was moved or filed and not lost; the newest place, its own
 * entry's first. With `seenAfter`, only what was first seen later than that: a copy that stood there before is no move.
 */
export function successorOf({ store, accountId }: MirrorContext, gone: Placement, seenAfter = -Infinity): Placement | null {
  const isLabelled = hasLabels(store, accountId);
  // A label that is taken off leaves the message where it stood before, under its others.
  const isAfter = (one: Placement): boolean => one.stateSince > seenAfter || (isLabelled && isSameLabelled(gone, one));
  const twins = store.placements
    .withMessageId(accountId, gone.side, gone.messageId, gone.summaryDigest)
    .filter((one) => one.id !== gone.id && one.state === 'present' && isAfter(one));
  const equal = twins.filter((one) => mayFollow(gone, one));
  const found =
    equal.length > 0
      ? equal
      : twins.filter((one) => isDatedAnew(gone, one) && mayBeOneMail(store, gone, one, hasSameBody) && isSince(gone, one));
  const own = found.filter((one) => one.entryId === gone.entryId);
  return (own.length > 0 ? own : found).sort(likeliestFirst(gone))[0] ?? null;
}
