import type { ProbeOutcome } from '../../main/engine/continuity/probe.ts';
import { nextTurn } from '../../main/engine/core/clock.ts';
import type { ImapSession, WatchHooks } from '../../main/engine/imap/gateway.ts';
import type { StartDownload } from '../../main/engine/mirror/body-runner.ts';
import type { SmtpGateway } from '../../main/engine/smtp/gateway.ts';
import { MailError } from '../../shared/errors.ts';
import type { Side } from '../../shared/model/account.ts';
import type { HeapClock } from './heap-clock.ts';

export const SECOND = 1_000;
/** Connecting and logging in; being refused; one mail submitted; one text fetched; one copy filed in Sent. */
const LOGIN_MS = 60;
const REFUSED_MS = 2;
const SUBMIT_MS = SECOND;
const TEXT_MS = 20;
export const COPY_MS = 100;

/** Both servers, as a fleet meets them: they count, second by second, and are there or not. */
export interface World {
  readonly clock: HeapClock;
  readonly series: Record<Side, { connections: number[]; logins: number[]; submissions: number[] }>;
  /** What no server can cause: something that the engine asks for is missing in what is made up here, or the engine is at fault. */
  readonly faults: string[];
  isUp(side: Side): boolean;
}

/** One more in the second of this time. */
function count(list: number[], t: number): void {
  const at = Math.floor(t / SECOND);
  list[at] = (list[at] ?? 0) + 1;
}

const lost = (side: Side): MailError => new MailError('connection-lost', { scope: 'connection', retry: 'later', side });

/** A session as the mirror has it: nothing is in its mailboxes, and it ends when the server is gone. */
export class HerdSession {
  readonly caps: Pick<ImapSession['caps'], 'labels'> = { labels: false };
  onSilence = (): void => undefined;
  readonly #side: Side;
  #error: MailError | null = null;
  #fail: ((error: MailError) => void) | null = null;

  constructor(side: Side) {
    this.#side = side;
  }

  drop(): void {
    this.#error = lost(this.#side);
    this.#fail?.(this.#error);
  }

  /** @throws MailError connection-lost */
  check(): void {
    if (this.#error !== null) throw this.#error;
  }

  async list(): Promise<never[]> {
    await nextTurn();
    this.check();
    return [];
  }

  /** Told of every mailbox (NOTIFY), until it is left or the connection ends. */
  watch(_onEvent: unknown, signal: AbortSignal, hooks?: WatchHooks): Promise<void> {
    hooks?.onReady?.(true);
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#error !== null) reject(this.#error);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  close(): Promise<void> {
    this.#fail = null;
    return Promise.resolve();
  }
}

/** Logs in for a mirror. @throws MailError connect-refused */
export async function connectTo(world: World, side: Side): Promise<HerdSession> {
  const { clock, series } = world;
  count(series[side].connections, clock.monotonic());
  await arrive(world, side);
  return new HerdSession(side);
}

async function arrive({ clock, series, isUp }: World, side: Side): Promise<void> {
  if (!isUp(side)) {
    await clock.sleep(REFUSED_MS);
    throw new MailError('connect-refused', { scope: 'connection', retry: 'later', side });
  }
  count(series[side].logins, clock.monotonic());
  await clock.sleep(LOGIN_MS);
}

export const asImap = (session: HerdSession): ImapSession => session as unknown as ImapSession;

/** A probe, which only reaches the server where nobody is to log in. */
export async function probeOf({ clock, series, isUp }: World, side: Side, isReachOnly: boolean): Promise<ProbeOutcome> {
  count(series[side].connections, clock.monotonic());
  const isGood = isUp(side);
  if (isGood && !isReachOnly) count(series[side].logins, clock.monotonic());
  await clock.sleep(isGood ? LOGIN_MS : REFUSED_MS);
  return isGood ? { isGood } : { isGood, code: 'connect-refused' };
}

/** Submission, which takes every mail while its server is there. */
export function herdSubmission(world: World): SmtpGateway {
  return {
    verify: () => Promise.reject(new Error('not part of the schedule')),
    submit: async (_endpoint, _credentials, { to }, { side, onPhase }) => {
      const { clock, series } = world;
      count(series[side].connections, clock.monotonic());
      const text = { replyCode: null, reply: null, enhancedCode: null } as const;
      try {
        await arrive(world, side);
      } catch (error) {
        const recipients = to.map((address) => ({ address, verdict: 'transient', ...text }) as const);
        return { verdict: 'transient', phase: 'connect', recipients, ...text, queueId: null, error: error as MailError };
      }
      count(series[side].submissions, clock.monotonic());
      await onPhase('body', []);
      await clock.sleep(SUBMIT_MS);
      const recipients = to.map((address) => ({ address, verdict: 'accepted', ...text, replyCode: 250 }) as const);
      return { verdict: 'accepted', phase: 'replied', recipients, ...text, replyCode: 250, queueId: null, error: null };
    },
  };
}

/** Texts come one after the other; which, and what is in them, the schedule does not ask. */
export function herdDownload({ clock }: World, missing: Record<Side, number>): StartDownload {
  return ({ side }, session, before = 0) => {
    let done = before;
    const fetch = async (most: number): Promise<void> => {
      const some = Math.min(most, missing[side]);
      await clock.sleep(some * TEXT_MS);
      (session as unknown as HerdSession).check();
      missing[side] -= some;
      done += some;
    };
    return {
      get done() {
        return done;
      },
      run: () => fetch(Infinity),
      runPortion: ({ messages }) => fetch(messages),
    };
  };
}
