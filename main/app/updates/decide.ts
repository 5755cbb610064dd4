import type { ContinuityMode } from '../../../shared/model/continuity.ts';
import type { OutboxState } from '../../../shared/model/outbox.ts';
import type { UpdateReason } from '../../../shared/model/update.ts';

/** How the app got onto this machine. Only the first two are replaced by the app itself. */
export type InstallKind = 'appimage' | 'nsis' | 'managed';

/** What of a policy is about updates. */
export interface UpdatesPolicy {
  readonly mode?: 'on' | 'off' | undefined;
  /** Base address of the company's own server, https. */
  readonly url?: string | undefined;
  readonly channel?: string | undefined;
  /** The one version to be installed. */
  readonly pinnedVersion?: string | undefined;
}

/** What the engine says of its accounts and of unsent mail. */
export interface UpdateFacts {
  readonly modes: readonly ContinuityMode[];
  readonly outbox: readonly OutboxState[];
  /** Milliseconds since 1970. */
  readonly draftsSavedAt: readonly number[];
}

/** For so long after its last change a draft counts as being written, milliseconds. */
export const WRITING_MS = 10 * 60_000;
/** Mail of which something is still to be done; what a person has to decide about can wait in a newer version, too. */
const UNSENT: ReadonlySet<OutboxState> = new Set(['queued', 'submitting', 'accepted', 'unknown']);

/** Why no server is asked at all; null where one is. Pure. */
export function whyOff(policy: UpdatesPolicy, hasKey: boolean): UpdateReason | null {
  if (policy.mode === 'off') return 'by-policy';
  if (policy.url === undefined) return 'no-server';
  return hasKey ? null : 'no-key';
}

/**
 * Why the app must stay as it is for now; null where it may be replaced. In an outage a new version is the last thing anybody needs,
 * and where nothing is known nothing is risked. Pure.
 */
export function whyWait(facts: UpdateFacts | null, now: number): UpdateReason | null {
  if (facts === null) return 'unknown-state';
  if (facts.modes.some((mode) => mode !== 'normal')) return 'outage';
  if (facts.outbox.some((state) => UNSENT.has(state))) return 'unsent';
  // A clock that was set back makes a draft look as if it came from the future.
  return facts.draftsSavedAt.some((at) => Math.abs(now - at) < WRITING_MS) ? 'writing' : null;
}

/** Address of the feed: of the newest version, or of the one that the policy holds. Pure. */
export function feedUrl({ url = '', channel = 'latest', pinnedVersion }: UpdatesPolicy, platform: string, arch: string): URL {
  const base = url.endsWith('/') ? url : `${url}/`;
  return new URL(`${pinnedVersion === undefined ? '' : `${pinnedVersion}/`}${channel}-${platform}-${arch}.json`, base);
}
