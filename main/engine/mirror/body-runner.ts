import { MailError } from '../../../shared/errors.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { BodyFetch, MAX_BODY_ATTEMPTS } from './body-fetch.ts';
import type { MirrorContext } from './mirror-context.ts';

/** Up to this many missing bodies are fetched on the watching connection: quicker than a second log-in. */
const FEW_BODIES = 20;
const RETRY_MS = 15_000;

/**
 * Runs the body fetch beside the watch: few bodies on the connection at hand, many on a second one, so that new mail is
 * noticed while a long download goes on. Where the server refuses a second connection, the first one does it.
 */
export class BodyRunner {
  readonly #context: MirrorContext;
  readonly #connect: (signal: AbortSignal) => Promise<ImapSession>;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #isSecondRefused = false;

  constructor(context: MirrorContext, connect: (signal: AbortSignal) => Promise<ImapSession>) {
    this.#context = context;
    this.#connect = connect;
  }

  /** The server takes no second connection: what is missing has to come over the first one. */
  get isLeftToFirst(): boolean {
    return this.#isSecondRefused;
  }

  /** Fetches everything that is missing over this session. */
  async runOn(session: ImapSession, signal: AbortSignal): Promise<void> {
    await new BodyFetch(this.#context, session).run(signal);
  }

  /** Sees to it that missing bodies come. True when there were none left on return; `onDone` is called later otherwise. */
  async kick(session: ImapSession, signal: AbortSignal, onDone: () => void): Promise<boolean> {
    if (this.#running) return false;
    const { store, accountId, side } = this.#context;
    const { missing } = store.placements.countMissing(accountId, side, MAX_BODY_ATTEMPTS);
    if (missing === 0) return true;
    if (missing <= FEW_BODIES || this.#isSecondRefused) {
      await this.runOn(session, signal);
      return true;
    }
    this.#running = this.#runBeside().finally(() => {
      this.#running = null;
      onDone();
    });
    return false;
  }

  async stop(): Promise<void> {
    this.#stop.abort(new MailError('cancelled', { scope: 'account', retry: 'never' }));
    await this.#running;
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
