import type { KeyObject } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';
import type { UpdateReason, UpdateState } from '../../../shared/model/update.ts';
import type { AppLog } from '../log-file.ts';
import { feedUrl, whyOff, whyWait, type InstallKind, type UpdateFacts, type UpdatesPolicy } from './decide.ts';
import { UpdateRefused } from './feed.ts';
import type { FeedSource } from './signed-provider.ts';

/** What `Updates` has done for it; `Fetcher` in the app. */
export interface UpdateFetcher {
  ask(): Promise<string | null>;
  fetch(): Promise<void>;
  install(): Promise<void>;
  /** Takes away what was fetched. */
  drop(): Promise<void>;
}

export interface UpdateParts {
  readonly kind: InstallKind;
  readonly platform: string;
  readonly arch: string;
  /** Whose signature a feed must have; null in a build that was made without one. */
  readonly key: KeyObject | null;
  readonly log: AppLog;
  policy(): UpdatesPolicy;
  /** Null while the engine does not answer. */
  facts(): Promise<UpdateFacts | null>;
  fetcher(source: FeedSource): UpdateFetcher;
  now(): number;
  tell(state: UpdateState): void;
}

const NOTHING: UpdateState = { phase: 'idle', reason: null, version: null, checkedAt: null };

/** What a policy says of which version is wanted and where from: what came under other terms is not wanted any more. Pure. */
const termsOf = ({ mode = 'on', url, channel, pinnedVersion }: UpdatesPolicy): string =>
  JSON.stringify([mode, url, channel, pinnedVersion]);

/** Looks for a newer version, fetches it when it does no harm, and installs it when the app is quit. */
export class Updates {
  readonly #parts: UpdateParts;
  #state = NOTHING;
  #fetched: UpdateFetcher | null = null;
  /** Under which the state was found, and what was fetched, fetched. */
  #terms: string | null = null;
  #running: Promise<UpdateState> | null = null;

  constructor(parts: UpdateParts) {
    this.#parts = parts;
  }

  get state(): UpdateState {
    const reason = whyOff(this.#parts.policy(), this.#parts.key !== null);
    if (reason !== null) return { ...NOTHING, phase: 'off', reason };
    return this.#isOutdated ? { ...NOTHING, checkedAt: this.#state.checkedAt } : this.#state;
  }

  /** IT wants something else than when the state was found. */
  get #isOutdated(): boolean {
    return this.#terms !== null && this.#terms !== termsOf(this.#parts.policy());
  }

  /**
   * Call when the policy may be another. Where it says something else of updates than at the last look, what was fetched is taken
   * away. True: a new look is due. Never throws.
   */
  async policyChanged(): Promise<boolean> {
    await this.#running;
    if (!this.#isOutdated) return false;
    await this.#drop();
    this.#terms = null;
    this.#set({ ...NOTHING, checkedAt: this.#state.checkedAt });
    return true;
  }

  /** Looks now; a second call meanwhile gets the answer of the first. Never throws: what went wrong is in the state. */
  check(): Promise<UpdateState> {
    return (this.#running ??= this.#check().finally(() => (this.#running = null)));
  }

  /** Installs what is ready, where nothing speaks against it now. Call while the engine still answers. Never throws. */
  async atQuit(): Promise<void> {
    // Not by policyChanged(), which waits for a running look: quitting waits for no download.
    if (this.#isOutdated) await this.#drop();
    if (this.#fetched === null || this.state.phase !== 'ready') return;
    const reason = await this.#whyWait();
    if (reason !== null) return void this.#parts.log.write('info', { ev: 'update.held-back', reason });
    try {
      await this.#fetched.install();
      this.#parts.log.write('info', { ev: 'update.installed', version: this.#state.version });
    } catch (error) {
      this.#parts.log.write('error', { ev: 'update.install-failed', reason: reasonOf(error) });
    }
  }

  async #check(): Promise<UpdateState> {
    const { key, policy, platform, arch, log } = this.#parts;
    const held = policy();
    if (this.#isOutdated) await this.#drop();
    this.#terms = termsOf(held);
    if (key === null || whyOff(held, true) !== null) return this.#set({ ...NOTHING, checkedAt: this.#state.checkedAt });
    const early = await this.#whyWait();
    // Not even the look: in an outage every connection of a thousand devices is one too many.
    if (early === 'outage' || early === 'unknown-state') return this.#set({ ...this.#state, phase: 'waiting', reason: early });
    try {
      const expected = { key, platform, arch, pinnedVersion: held.pinnedVersion };
      return await this.#look(this.#parts.fetcher({ url: feedUrl(held, platform, arch), expected }));
    } catch (error) {
      const reason = reasonOf(error);
      log.write('warn', { ev: 'update.failed', reason });
      this.#fetched = null;
      return this.#set({ ...this.#state, phase: 'failed', reason });
    }
  }

  async #look(fetcher: UpdateFetcher): Promise<UpdateState> {
    const version = await fetcher.ask();
    const found = { ...NOTHING, version, checkedAt: this.#parts.now() };
    this.#fetched = null;
    if (version === null) return this.#set(found);
    if (this.#parts.kind === 'managed') return this.#set({ ...found, phase: 'available' });
    const reason = await this.#whyWait();
    if (reason !== null && reason !== 'writing') return this.#set({ ...found, phase: 'waiting', reason });
    await fetcher.fetch();
    this.#fetched = fetcher;
    return this.#set({ ...found, phase: 'ready' });
  }

  async #drop(): Promise<void> {
    const fetched = this.#fetched;
    this.#fetched = null;
    if (fetched === null) return;
    this.#parts.log.write('info', { ev: 'update.dropped', version: this.#state.version });
    // A file that stays is not installed all the same: nobody knows of it any more.
    await fetched.drop().catch(() => undefined);
  }

  async #whyWait(): Promise<UpdateReason | null> {
    return whyWait(await this.#parts.facts(), this.#parts.now());
  }

  #set(state: UpdateState): UpdateState {
    const isNews = state.phase !== this.#state.phase || state.version !== this.#state.version;
    this.#state = state;
    if (isNews) {
      this.#parts.log.write('info', { ev: 'update.state', phase: state.phase, reason: state.reason, version: state.version });
      this.#parts.tell(this.state);
    }
    return this.state;
  }
}

/** A connection that failed, of whatever kind, is the server's or the network's; all else is about what came. */
function reasonOf(error: unknown): UpdateReason {
  if (error instanceof UpdateRefused) return error.reason;
  if (error instanceof MailError && error.code.startsWith('proxy-')) return 'proxy';
  return (error as NodeJS.ErrnoException).code === 'ERR_CHECKSUM_MISMATCH' ? 'damaged' : 'unreachable';
}
