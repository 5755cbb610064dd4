import type { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { toldRefusal } from '../imap/told-refusal.ts';
import type { OutboxRow, SentStep } from '../store/outbox-item.ts';
import { isLifeOver, retryDelayMs, waitedMs } from './retry.ts';

/** Tries after which a person has to look. */
export const MAX_TRIES = 8;
/** Pause after the first time that the mailbox was full, doubled each time: the whole mail is sent there at each try. */
const FULL_PAUSE_MS = 30 * 60_000;
const MAX_FULL_PAUSE_MS = 6 * 3_600_000;

/** What is noted when Sent did not take a copy. `isFinal`: not tried again before a person asks. */
export interface CopyRefusal {
  readonly step: SentStep;
  readonly isFinal: boolean;
}

/**
 * Counts a refusal of the copy in Sent. A full mailbox is cleared out one day: it is tried for as long as a mail that no server takes
 * (limits.submitLifeMs), more and more rarely, and does not count with the others. Pure.
 * @param step as the try has left it; @param triesBefore those that had counted before it
 * @param now milliseconds since 1970; @param chance uniform in [0, 1)
 */
export function copyRefusal(step: SentStep, triesBefore: number, error: MailError, now: number, chance: number): CopyRefusal {
  const told = toldRefusal(error);
  if (error.code === 'over-quota') {
    const times = (step.full?.times ?? 0) + 1;
    const full = { times, waitedMs: waitedMs(step.full?.waitedMs ?? 0, step.full?.at ?? null, now), at: now };
    const pauseMs = Math.min(MAX_FULL_PAUSE_MS, FULL_PAUSE_MS * 2 ** Math.min(times - 1, 20));
    return { step: { ...step, tries: triesBefore, full, nextAt: now + pauseMs, error: told }, isFinal: isLifeOver(full.waitedMs) };
  }
  // One that came before anything was filed counts, too: a mailbox that cannot be opened is no reason to ask for ever.
  const tries = Math.max(triesBefore + 1, step.tries);
  return { step: { ...step, tries, nextAt: now + retryDelayMs(tries - 1, chance), error: told }, isFinal: tries >= MAX_TRIES };
}

/** Milliseconds until the copy of a mail is looked after again; `now` in milliseconds since 1970. Pure. */
export function copyDueInMs({ sentStep }: Pick<OutboxRow, 'sentStep'>, now: number): number {
  if (sentStep?.nextAt === undefined) return 0;
  const left = sentStep.nextAt - now;
  // A clock that went back: further away than any wait of ours.
  const longest = sentStep.error?.code === 'over-quota' ? MAX_FULL_PAUSE_MS : limits.submitMaxRetryMs;
  return left > longest ? 0 : Math.max(0, left);
}

/** As it was proved, with the counts of tries and what was told begun anew. Pure. */
export function copyStepAnew(step: SentStep): SentStep {
  const rest = { ...step, tries: 0, looks: 0 };
  delete rest.nextAt;
  delete rest.full;
  delete rest.error;
  return rest;
}
