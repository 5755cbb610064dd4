import { MailError } from '../../../shared/errors.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { BodyFetch, MAX_BODY_ATTEMPTS, type Portion } from './body-fetch.ts';
import type { MirrorContext } from './mirror-context.ts';

/**
 * Up to this many missing bodies come over the watching connection: what gathers in an outage of days. A second log-in of every client
 * of a company in the minute of its server's return would be one too many (docs/herd.md).
 */
const SOME_BODIES = 400;
/** New mail is looked for between portions: it is not to wait for long. */
const PORTION: Portion = { messages: 50, bytes: 4 * 1024 * 1024 };
const RETRY_MS = 15_000;

/** Brings missing bodies over one session; `done` counts those that came before in the same download. */
export type StartDownload = (context: MirrorContext, session: ImapSession, done?: number) => Pick<BodyFetch, 'run' | 'runPortion' | 'done'>;

/** The mirror's own. */
export const fetchFromServer: StartDownload = (context, session, done) => new BodyFetch(context, session, done);

/** `more`: call again soon; `beside`: the rest comes over another connection, and its end is told. */
export type BodyProgress = 'ended' | 'more' | 'beside';

/**
 * Runs the body fetch beside the watch: some bodies in portions on the connection at hand, many on a second one, so that new mail is
 * noticed while a long download goes on. Where the server refuses a second connection, the first one does it.
 */
export class BodyRunner {
  readonly #context: MirrorContext;
  readonly #connect: (signal: AbortSignal) => Promise<ImapSession>;
  readonly #startDownload: StartDownload;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #isSecondRefused = false;
  /** Of the download in portions that is under way. */
  #done = 0;

  constructor(context: MirrorContext, connect: (signal: AbortSignal) => Promise<ImapSession>, startDownload = fetchFromServer) {
    this.#context = context;
    this.#connect = connect;
    this.#startDownload = startDownload;
  }

  /** The server takes no second connection: what is missing has to come over the first one. */
  get isLeftToFirst(): boolean {
    return this.#isSecondRefused;
  }

  /** Fetches everything that is missing over this session. */
  async runOn(session: ImapSession, signal: AbortSignal): Promise<void> {
    await this.#startDownload(this.#context, session).run(signal);
  }

  /** Sees to it that missing bodies come: to be called whenever the session is free. @throws MailError of scope connection, account or store. */
  async kick(session: ImapSession, onDone: () => void): Promise<BodyProgress> {
    if (this.#running) return 'beside';
    const missing = this.#countMissing();
    if (missing <= SOME_BODIES || this.#isSecondRefused) return this.#runPortion(session, missing);
    this.#running = this.#runBeside().finally(() => {
      this.#running = null;
      onDone();
    });
    return 'beside';
  }

  async stop(): Promise<void> {
    this.#stop.abort(new MailError('cancelled', { scope: 'account', retry: 'never' }));
    await this.#running;
  }

  #countMissing(): number {
    const { store, accountId, side } = this.#context;
    return store.placements.countMissing(accountId, side, MAX_BODY_ATTEMPTS).missing;
  }

  async #runPortion(session: ImapSession, missing: number): Promise<BodyProgress> {
    if (missing > 0) {
      const fetch = this.#startDownload(this.#context, session, this.#done);
      await fetch.runPortion(PORTION);
      this.#done = fetch.done;
      if (this.#countMissing() > 0) return 'more';
    }
    this.#done = 0;
    return 'ended';
  }

  async #runBeside(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const session = await this.#connect(signal);
        try {
          await this.runOn(session, signal);
          return;
        } finally {
          await session.close();
        }
      } catch (error) {
        if (!(await this.#mayGoOn(error))) return;
      }
    }
  }

  /** A failure here never ends the watch: wait and try again, or leave it to the first connection. */
  async #mayGoOn(error: unknown): Promise<boolean> {
    const { deps, side } = this.#context;
    const code = error instanceof MailError ? error.code : 'internal';
    deps.log.warn({ ev: 'mirror.bodies-interrupted', side, code });
    if (code === 'too-many-connections' || (error instanceof MailError && error.retry === 'ask')) {
      this.#isSecondRefused = true;
      return false;
    }
    try {
      await deps.clock.sleep(RETRY_MS, this.#stop.signal);
      return true;
    } catch {
      // The signal ended the wait: stop() is waiting for us.
      return false;
    }
  }
}
