import { effectOf, severityOf, type Effect } from '../../shared/continuity-effect.ts';
import type { ContinuityState, Evidence } from '../../shared/model/continuity.ts';
import type { Formats } from '../text/formats.ts';
import type { Words } from '../text/en.ts';
import type { IconName } from '../ui/icon-shapes.ts';

export type Tone = 'ok' | 'calm' | 'warn' | 'bad';

/** What the banner says of one state. */
export interface ModeText {
  readonly tone: Tone;
  readonly icon: IconName;
  /** What is wrong, since when, and on what evidence. */
  readonly headline: string;
  /** What that means for the person; empty for nothing. */
  readonly effect: string;
}

/** Whether the state calls for a banner. A suspicion alone does not: most pass before anyone has read it. */
export function needsBanner(state: ContinuityState): boolean {
  return state.mode !== 'normal' && (state.reason !== 'primary-suspect' || state.asksForFailover);
}

/** Name of the mode for the status strip, with a word where a person or IT holds it. */
export function modeName(state: ContinuityState, words: Words['continuity']): string {
  if (state.mode === 'degraded' && state.reason === 'primary-suspect') return words.checking;
  const name = words.modes[state.mode];
  if (state.control === 'automatic') return name;
  return state.isHeldByPolicy ? words.heldByIt(name) : words.held(name);
}

/** Short words for an error as evidence. */
export function evidenceCode(code: Evidence['code'], words: Words['continuity']): string {
  return (code && words.evidenceWords[code]) ?? words.otherEvidence;
}

const LOGIN: ReadonlySet<Evidence['code']> = new Set([
  'auth-rejected',
  'auth-mechanism-missing',
  'token-refresh-failed',
  'sign-in-needed',
  'command-refused',
]);

const PROXY: ReadonlySet<Evidence['code']> = new Set(['proxy-unreachable', 'proxy-refused', 'proxy-cannot-reach']);

/** Evidence against the side that the cause speaks of; of it what speaks for the cause, where anything does. */
function speakingEvidence({ cause, evidence }: ContinuityState): Evidence[] {
  const side = cause === 'relay-down' ? 'relay' : 'primary';
  const bad = evidence.filter((one) => !one.isGood && one.code !== null && (one.endpoint === null || one.endpoint.side === side));
  // A connection that ends is how any trouble begins; what the next one meets says which it is.
  const telling = bad.filter(({ code }) => (cause === 'primary-login-refused' ? LOGIN.has(code) : code !== 'connection-lost'));
  return telling.length > 0 ? telling : bad;
}

/** What the newest run of equal bad evidence says ("connection refused twice"); null without any that speaks for the cause. */
export function evidenceText(state: ContinuityState, words: Words['continuity']): string | null {
  // What was seen after the confirmation confirms nothing; it would only make the words change all the time.
  const until = state.confirmedAt ?? Infinity;
  const seen = speakingEvidence(state);
  const bad = seen.filter((one) => one.at <= until);
  const last = bad.at(-1) ?? seen.at(-1);
  if (!last) return null;
  const word = evidenceCode(last.code, words);
  // After a restart in the middle of it: what is seen now, not counted.
  if (bad.length === 0) return word;
  let count = 0;
  while (count < bad.length && evidenceCode(bad[bad.length - 1 - count]?.code ?? null, words) === word) count += 1;
  return words.times(word, count);
}

function toneOf(state: ContinuityState, effect: Effect | null): Tone {
  if (state.mode === 'normal') return 'ok';
  if (effect === 'waits-both-down' || effect === 'waits-no-relay') return 'bad';
  return state.mode === 'offline' || state.mode === 'recovering' || effect === 'drill' || effect === 'no-second-way' ? 'calm' : 'warn';
}

const icons = { normal: 'ok', degraded: 'warning', continuity: 'relay', recovering: 'sync', offline: 'offline' } as const;

/** What is wrong, since when and why we think so, and what it means for the person. Pure. */
export function modeText(state: ContinuityState, words: Words['continuity'], formats: Formats, now: number): ModeText {
  const effect = effectOf(state);
  // Only while something is wrong does the cause say what; a primary that is back is told as such.
  const isOver = state.mode === 'recovering' || state.mode === 'normal';
  const cause = state.mode === 'offline' ? 'network-down' : isOver ? null : state.cause;
  const isProxy = cause === 'network-down' && PROXY.has(speakingEvidence(state).at(-1)?.code ?? null);
  const what = isProxy ? words.proxyDown : cause === null ? words.whatByMode[state.mode] : words.what[cause];
  const since = isOver ? state.since : (state.troubleSince ?? state.since);
  let headline = words.since(what, formats.moment(since, now));
  const isBare = cause === 'forced' || cause === 'drill' || cause === null || cause === 'primary-not-delivering';
  if (!isBare && state.confirmedAt !== null) headline = words.confirmed(headline, formats.clock(state.confirmedAt));
  const evidence = isBare || (cause === 'network-down' && !isProxy) ? null : evidenceText(state, words);
  if (evidence !== null) headline = words.because(headline, evidence);
  return {
    tone: toneOf(state, effect),
    icon: effect === 'waits-both-down' || effect === 'waits-no-relay' ? 'warning' : icons[state.mode],
    headline: `${(isOver ? null : deliveryText(state, words, formats, now)) ?? headline}.`,
    effect: effect === null ? '' : words.effects[effect],
  };
}

/** Of mail that does not reach the primary: how much of it, since when. It is a hint, and is not told as confirmed. */
function deliveryText(
  { cause, evidence, troubleSince }: ContinuityState,
  words: Words['continuity'],
  formats: Formats,
  now: number,
): string | null {
  if (cause !== 'primary-not-delivering') return null;
  const told = evidence.findLast((one) => one.undelivered !== undefined && one.undelivered.since === troubleSince)?.undelivered;
  return told === undefined ? null : words.because(words.what[cause], words.undelivered(told.count, formats.moment(told.since, now)));
}

/** States that say the same, told once; the worst first. */
export interface ModeGroup {
  readonly first: ContinuityState;
  readonly states: readonly ContinuityState[];
}

/** Accounts that need a banner, those with the same trouble together. */
export function modeGroups(states: readonly ContinuityState[]): ModeGroup[] {
  const groups = new Map<string, ContinuityState[]>();
  for (const state of states.filter(needsBanner)) {
    // What a person has to decide is decided account by account.
    const own = state.asksForFailover || state.control !== 'automatic' || state.mode === 'recovering' ? state.accountId : '';
    const key = [state.mode, state.cause, effectOf(state), own].join('|');
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  const rank = ({ first }: ModeGroup): number => (first.asksForFailover ? -1 : severityOf(first));
  return [...groups.values()].map((list) => ({ first: list[0]!, states: list })).sort((a, b) => rank(a) - rank(b));
}
