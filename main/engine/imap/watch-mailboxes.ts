import type { WatchEvent, WatchHooks } from './gateway.ts';
import type { MailboxNews } from './mailbox-news.ts';
import { selectedMailbox, type SessionContext } from './session-context.ts';
import type { AnswerLine } from './wire/answer-line.ts';
import { RefusedError } from './wire/completion.ts';

export interface WatchTimes {
  /** IDLE is renewed after this; also the time after which a dead connection is noticed at the latest. */
  readonly idleRenewMs: number;
  /** How long the server may take to end an IDLE. */
  readonly stallTimeoutMs: number;
  /** Silence that is told to the owner before the connection is given up. */
  readonly silenceMs: number;
}

/** How often the wall clock is compared: a machine that slept has a connection that may be dead. */
const CLOCK_LOOK_MS = 5_000;
const CLOCK_JUMP_MS = 30_000;

/** One stay in IDLE (RFC 2177): ends by the signal, by time, or by the server. */
async function idleOnce(
  context: SessionContext,
  times: WatchTimes,
  signal: AbortSignal,
  onAnswer: (line: AnswerLine) => void,
): Promise<void> {
  const { wire } = context;
  const { clock } = wire;
  let isWaiting = false;
  let isLeaving = false;
  const hasSlept = sleepDetector(context);
  const leave = (): void => {
    isLeaving = true;
    if (!isWaiting) return;
    isWaiting = false;
    wire.writeLine('DONE');
    // After a sleep the connection is probably gone: a new one is quicker than patience.
    wire.expectAnswer({ silenceMs: hasSlept() ? times.silenceMs : times.stallTimeoutMs, overdueMs: times.silenceMs });
  };
  const cancels = [clock.after(times.idleRenewMs, leave), watchClock(context, leave)];
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) isLeaving = true;
  const on = Object.fromEntries(['EXISTS', 'EXPUNGE', 'VANISHED', 'FETCH', 'STATUS', 'LIST', 'OK', 'NO'].map((name) => [name, onAnswer]));
  const onContinue = (): void => {
    isWaiting = true;
    wire.expectAnswer({ silenceMs: Infinity });
    if (isLeaving) leave();
  };
  try {
    await wire.run('IDLE', [], { on, onContinue });
  } finally {
    for (const cancel of cancels) cancel();
    signal.removeEventListener('abort', leave);
  }
}

/** Answers whether wall clock and running time have come apart since: the machine slept. */
function sleepDetector({ wire: { clock } }: SessionContext): () => boolean {
  const wall = clock.now();
  const running = clock.monotonic();
  return () => clock.now() - wall - (clock.monotonic() - running) > CLOCK_JUMP_MS;
}

/** Calls back once when the machine slept. */
function watchClock(context: SessionContext, onJump: () => void): () => void {
  const { clock } = context.wire;
  let cancel = (): void => undefined;
  const look = (): void => {
    const hasSlept = sleepDetector(context);
    const running = clock.monotonic();
    cancel = clock.after(CLOCK_LOOK_MS, () => {
      // Where running time goes on in sleep, the timer itself comes late.
      const wasLate = clock.monotonic() - running > CLOCK_LOOK_MS + CLOCK_JUMP_MS;
      if (hasSlept() || wasLate) onJump();
      else look();
    });
  };
  look();
  return () => cancel();
}

/** Waits between two NOOPs; ends early by the signal or with the connection. */
async function pollOnce(
  context: SessionContext,
  times: WatchTimes,
  signal: AbortSignal,
  onAnswer: (line: AnswerLine) => void,
): Promise<void> {
  const { wire } = context;
  await wire.sleep(times.idleRenewMs, signal);
  if (signal.aborted) return;
  const on = Object.fromEntries(['EXISTS', 'EXPUNGE', 'VANISHED', 'FETCH'].map((name) => [name, onAnswer]));
  await wire.run('NOOP', [], { on, overdueMs: times.silenceMs });
}

const NOTIFY_ALL =
  'SET STATUS (selected (MessageNew (UID) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))';

/** NOTIFY (RFC 5465) for all mailboxes of the account; false where the server does not take it. */
async function notifyAll(context: SessionContext): Promise<boolean> {
  if (!context.caps.notify) return false;
  try {
    await context.wire.run('NOTIFY', [NOTIFY_ALL]);
    return true;
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

/** Watches until the signal aborts. */
export class Watch {
  readonly #context: SessionContext;
  readonly #news: MailboxNews;
  readonly #times: WatchTimes;
  #isNotified: boolean | null = null;
  #canIdle: boolean;

  constructor(context: SessionContext, news: MailboxNews, times: WatchTimes) {
    this.#context = context;
    this.#news = news;
    this.#times = times;
    this.#canIdle = context.caps.idle;
  }

  async run(onEvent: (event: WatchEvent) => void, signal: AbortSignal, hooks: WatchHooks): Promise<void> {
    selectedMailbox(this.#context);
    const stopListening = this.#news.listen(onEvent);
    try {
      if (this.#isNotified === null || this.#news.hasOverflown) {
        this.#news.hasOverflown = false;
        this.#isNotified = await notifyAll(this.#context);
      }
      hooks.onReady?.(this.#isNotified);
      while (!signal.aborted) await this.#once(signal);
    } finally {
      stopListening();
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const onAnswer = (line: AnswerLine): void => this.#news.take(line);
    if (!this.#canIdle) return pollOnce(this.#context, this.#times, signal, onAnswer);
    try {
      await idleOnce(this.#context, this.#times, signal, onAnswer);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#canIdle = false; // some servers offer what they then refuse
    }
  }
}
