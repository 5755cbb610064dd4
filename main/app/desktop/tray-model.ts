import { effectOf, worstState } from '../../../shared/continuity-effect.ts';
import type { ContinuityMode, ContinuityState } from '../../../shared/model/continuity.ts';
import { isOpen, needsPerson } from '../../../shared/outbox-kind.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { unreadOf, type Facts } from './facts.ts';
import { moment } from './moment.ts';
import type { DesktopWords } from './words.ts';

/** Each has a shape of its own in assets/tray. `attention`: a person has to do something before mail goes on. */
export type TrayIcon = ContinuityMode | 'attention';

/** What the tray shows; equal models look the same. */
export interface TrayModel {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  /** What can be read in the menu, above what can be done. */
  readonly lines: readonly string[];
  /** Milliseconds since 1970 until when notifications are paused. */
  readonly pausedUntil: number | null;
}

export interface TrayTimes {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** BCP 47. */
  readonly locale: string;
  readonly pausedUntil: number | null;
}

/** Some panels cut a long one off, Windows at 127 characters. */
const MAX_TOOLTIP_CHARS = 127;
const MAX_ADDRESS_CHARS = 60;

/** Says how it stands in plain words: mode and since when, what waits, when the servers were last looked at. Pure. */
export function trayModel(facts: Facts, words: DesktopWords, times: TrayTimes): TrayModel {
  const { engine, accounts } = facts;
  const { pausedUntil } = times;
  const only = (icon: TrayIcon, line: string): TrayModel => ({ icon, tooltip: tooltipOf([line]), lines: [line], pausedUntil });
  if (engine.phase === 'starting' || engine.phase === 'restarting') return only('normal', words.engine[engine.phase]);
  if (engine.lock === 'lease-over') return only('attention', words.leaseOver);
  if (engine.phase !== 'running') return only('attention', words.engine[engine.phase]);
  if (accounts.length === 0) return only('normal', words.noAccount);
  const worst = worstState(facts.continuity);
  const lines = [...(worst ? modeLines(worst, facts, words, times) : []), ...outboxLines(facts, words), syncLine(facts, words, times)];
  return { icon: iconOf(worst), tooltip: tooltipOf(lines), lines: [...lines, ...unreadLines(facts, words)], pausedUntil };
}

const tooltipOf = (lines: readonly string[]): string => ['Holdover', ...lines].join('\n').slice(0, MAX_TOOLTIP_CHARS);

function iconOf(state: ContinuityState | undefined): TrayIcon {
  if (!state) return 'normal';
  const effect = effectOf(state);
  const isStuck =
    effect === 'waits-both-down' || effect === 'waits-no-relay' || effect === 'waits-for-person' || effect === 'goes-on-until-decided';
  return isStuck ? 'attention' : state.mode;
}

function modeLines(state: ContinuityState, { accounts }: Facts, words: DesktopWords, { now, locale }: TrayTimes): string[] {
  const isOver = state.mode === 'normal' || state.mode === 'recovering';
  const since = isOver ? state.since : (state.troubleSince ?? state.since);
  const said = words.since(words.modes[state.mode], moment(since, now, locale));
  const account = accounts.find(({ id }) => id === state.accountId);
  const isOneOfMany = account !== undefined && accounts.length > 1 && state.mode !== 'normal' && state.mode !== 'offline';
  const effect = effectOf(state);
  return [
    isOneOfMany ? words.forAccount(visibleLine(account.config.email).slice(0, MAX_ADDRESS_CHARS), said) : said,
    ...(effect === null ? [] : [words.effects[effect]]),
  ];
}

function outboxLines({ outbox }: Facts, words: DesktopWords): string[] {
  const troubled = outbox.filter(needsPerson).length;
  // What a server has taken already only waits for its copy in Sent.
  const waiting = outbox.filter((one) => isOpen(one) && !needsPerson(one) && one.state !== 'accepted').length;
  return [waiting === 0 ? words.nothingWaits : words.waiting(waiting), ...(troubled === 0 ? [] : [words.troubled(troubled)])];
}

function syncLine({ sync }: Facts, words: DesktopWords, { now, locale }: TrayTimes): string {
  const last = Math.max(0, ...sync.map(({ lastCompleteAt }) => lastCompleteAt ?? 0));
  return last === 0 ? words.neverSynced : words.lastSync(moment(last, now, locale));
}

function unreadLines(facts: Facts, words: DesktopWords): string[] {
  const unread = unreadOf(facts);
  return unread === 0 ? [] : [words.unread(unread)];
}
