import { describe, expect, it } from 'vitest';
import { errorCodeSchema } from '../../shared/errors.ts';
import { continuityControlSchema } from '../../shared/model/continuity-config.ts';
import {
  continuityModeSchema,
  endpointHealthSchema,
  evidenceSchema,
  modeReasonSchema,
  outageCauseSchema,
  type ContinuityState,
  type EndpointHealth,
  type Evidence,
} from '../../shared/model/continuity.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { worstState } from '../../shared/continuity-effect.ts';
import { evidenceText, modeGroups, modeName, modeText, needsBanner } from '../../renderer/status/mode-text.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';
import { Formats } from '../../renderer/text/formats.ts';
import { reportFigure } from '../support/figures.ts';

const NOW = new Date(2026, 10, 28, 10, 30, 0).getTime();
const languages = [
  { words: en, formats: new Formats('en-GB') },
  { words: de, formats: new Formats('de-DE') },
];
/** Two lines of the banner in a window of 900 px; the longest sentence must not take more. */
const MOST_HEADLINE = 150;
const MOST_EFFECT = 120;
const MOST_NAME = 40;

const time = (clock: string): number => new Date(`2026-11-28T${clock}`).getTime();
const evidence = (code: Evidence['code'], at: number, isGood = false): Evidence => ({
  at,
  endpoint: { side: 'primary', service: 'imap' },
  source: 'probe',
  isGood,
  code,
});
const endpoints = (primary: EndpointHealth, relay: EndpointHealth | null): ContinuityState['endpoints'] => {
  const one = (side: 'primary' | 'relay', service: 'imap' | 'smtp', health: EndpointHealth) => ({
    endpoint: { side, service },
    health,
    since: NOW,
    lastGoodAt: null,
    lastError: null,
  });
  const own = [one('primary', 'imap', primary), one('primary', 'smtp', primary)];
  return relay === null ? own : [...own, one('relay', 'imap', relay), one('relay', 'smtp', relay)];
};

function state(change: Partial<ContinuityState> = {}): ContinuityState {
  return {
    accountId: asAccountId(1),
    mode: 'continuity',
    reason: 'primary-down-confirmed',
    cause: 'primary-unreachable',
    since: time('09:41:12'),
    troubleSince: time('09:41:00'),
    confirmedAt: time('09:41:12'),
    evidence: [evidence('connect-refused', time('09:41:00')), evidence('connect-refused', time('09:41:12'))],
    endpoints: endpoints('down', 'up'),
    control: 'automatic',
    isHeldByPolicy: false,
    asksForFailover: false,
    outageId: null,
    isDrill: false,
    ...change,
  };
}

/** Every state that words have to be found for. */
function* everyState(): Generator<ContinuityState> {
  for (const mode of continuityModeSchema.options)
    for (const cause of [null, ...outageCauseSchema.options])
      for (const reason of modeReasonSchema.options)
        for (const asksForFailover of [false, true])
          for (const relay of [null, ...endpointHealthSchema.options])
            for (const control of continuityControlSchema.options)
              for (const primary of ['up', 'down'] as const)
                for (const isHeldByPolicy of [false, true])
                  yield state({ mode, cause, reason, asksForFailover, control, isHeldByPolicy, endpoints: endpoints(primary, relay) });
}

describe('words of the mode', () => {
  it('are found for every mode, cause and reason in both languages, and fit', () => {
    let cases = 0;
    const wrong: string[] = [];
    for (const { words, formats } of languages) {
      for (const one of everyState()) {
        const { headline, effect, icon, tone } = modeText(one, words.continuity, formats, NOW);
        const name = modeName(one, words.continuity);
        const all = `${headline}|${effect}|${name}|${words.continuity.reasons[one.reason]}`;
        const isWhole = !/undefined|null|NaN|\[object|Invalid/.test(all) && headline.length > 10 && Boolean(icon && tone);
        const fits = headline.length <= MOST_HEADLINE && effect.length <= MOST_EFFECT && name.length <= MOST_NAME;
        if (!isWhole || !fits) wrong.push(`${one.mode}/${one.cause}/${one.reason}: ${all}`);
        cases += 1;
      }
    }
    expect(wrong).toEqual([]);
    reportFigure('words of the mode', { cases });
  });

  it('name what is seen now, uncounted, where what confirmed it is no longer known', () => {
    const later = ['09:50:00', '09:52:00', '09:56:00'].map((at) => evidence('connect-refused', time(at)));
    const [english] = languages.map(({ words, formats }) => modeText(state({ evidence: later }), words.continuity, formats, NOW));
    expect(english?.headline).toBe('Mail server down since 09:41, confirmed 09:41:12: connection refused.');
  });

  it('name the time, its confirmation and the evidence', () => {
    const [english, german] = languages.map(({ words, formats }) => modeText(state(), words.continuity, formats, NOW));
    expect(english).toMatchObject({
      headline: 'Mail server down since 09:41, confirmed 09:41:12: connection refused twice.',
      effect: 'Mail is sent through the relay.',
    });
    expect(german).toMatchObject({
      headline: 'Mailserver ausgefallen seit 09:41, bestätigt 09:41:12: Verbindung abgelehnt, 2-mal.',
      effect: 'Mail wird über das Relay gesendet.',
    });
  });

  it('of mail that does not reach the mail server name how much it is and since when, and confirm nothing', () => {
    const since = time('09:41:00');
    const hint: Evidence = { at: NOW, endpoint: null, source: 'delivery', isGood: false, code: null, undelivered: { count: 3, since } };
    const change = { cause: 'primary-not-delivering', troubleSince: since, confirmedAt: NOW, endpoints: endpoints('up', 'up') } as const;
    const asks = state({ ...change, mode: 'degraded', reason: 'waiting-for-person', asksForFailover: true, evidence: [hint] });
    const [english, german] = languages.map(({ words, formats }) => modeText(asks, words.continuity, formats, NOW));
    expect(english).toMatchObject({
      headline: 'The mail server seems not to deliver mail: 3 mails that the relay has since 09:41 have not reached the mail server.',
      effect: 'You can read that mail here. What you send goes through the mail server until you decide.',
      tone: 'warn',
    });
    expect(german).toMatchObject({
      headline: 'Der Mailserver stellt offenbar keine Mail zu: 3 Mails, die das Relay seit 09:41 hat, sind nicht am Mailserver angekommen.',
      effect: 'Diese Mails können Sie hier lesen. Gesendet wird über den Mailserver, bis Sie entscheiden.',
    });
    const agreed = state({ ...change, reason: 'confirmed-by-person', evidence: [hint, evidence('connect-timeout', NOW)] });
    const text = (one: ContinuityState) => modeText(one, en.continuity, languages[0]!.formats, NOW);
    expect(text(agreed).headline).toBe(english!.headline);
    expect(text(agreed).effect).toBe('Mail is sent through the relay.');
    // After a restart in the middle of it, and of another trouble's.
    expect(text({ ...agreed, evidence: [] }).headline).toBe('The mail server seems not to deliver mail since 09:41.');
    const other = { ...hint, undelivered: { count: 9, since: 1 } };
    expect(text({ ...agreed, evidence: [other] }).headline).toBe('The mail server seems not to deliver mail since 09:41.');
    expect(text({ ...agreed, mode: 'recovering' }).headline).toMatch(/^Mail server back since /);
    for (const { words, formats } of languages) {
      const longest = { ...hint, undelivered: { count: 200, since: NOW - 3 * 86_400_000 } };
      const told = modeText({ ...asks, troubleSince: longest.undelivered.since, evidence: [longest] }, words.continuity, formats, NOW);
      expect(told.headline.length).toBeLessThanOrEqual(MOST_HEADLINE);
    }
  });

  it('name what the next connection met rather than that one ended, and of a refused log-in the refusal', () => {
    const lost = ['09:41:00', '09:41:12'].map((at) => evidence('connection-lost', time(at)));
    const text = (change: Partial<ContinuityState>) => evidenceText(state(change), en.continuity);
    expect(text({ evidence: lost })).toBe('connection lost twice');
    expect(text({ evidence: [...lost, evidence('connect-refused', time('09:41:20'))] })).toBe('connection refused');
    expect(text({ evidence: [evidence('connect-refused', time('09:41:00')), lost[1]!] })).toBe('connection refused');
    const cause = 'primary-login-refused';
    const refused = [evidence('connect-timeout', time('09:41:12')), evidence('auth-rejected', time('09:41:30'))];
    expect(text({ cause, evidence: [...lost, ...refused] })).toBe('log-in refused');
    expect(text({ cause, evidence: lost })).toBe('connection lost twice');
  });

  it('tell every error code as evidence, in few words', () => {
    for (const { words } of languages) {
      for (const code of errorCodeSchema.options) {
        const text = evidenceText(state({ evidence: [evidence(code, time('09:41:00'))] }), words.continuity);
        expect(text).toMatch(/^\S.{4,45}$/u);
      }
    }
  });

  it('have one for every source of evidence', () => {
    for (const { words } of languages) {
      for (const source of evidenceSchema.unwrap().shape.source.options) expect(words.continuity.sources[source]).toBeTruthy();
    }
  });

  it('say that mail waits where the relay is gone as well, or was never there', () => {
    const effect = (relay: EndpointHealth | null) =>
      modeText(state({ endpoints: endpoints('down', relay) }), en.continuity, languages[0]!.formats, NOW);
    expect(effect('up')).toMatchObject({ effect: en.continuity.effects['through-relay'], tone: 'warn' });
    expect(effect('down')).toMatchObject({ effect: en.continuity.effects['waits-both-down'], tone: 'bad' });
    expect(effect(null)).toMatchObject({ effect: en.continuity.effects['waits-no-relay'], tone: 'bad' });
  });

  it('leave good answers and those of the other side out of the evidence', () => {
    const list = [
      evidence('connect-timeout', 1),
      { ...evidence('auth-rejected', 2), endpoint: { side: 'relay', service: 'smtp' } as const },
      evidence(null, 3, true),
      evidence('server-timeout', 4),
    ];
    expect(evidenceText(state({ evidence: list }), en.continuity)).toBe('no answer twice');
    expect(evidenceText(state({ evidence: list, confirmedAt: 3 }), en.continuity)).toBe('no answer');
    expect(evidenceText(state({ evidence: list, cause: 'relay-down' }), en.continuity)).toBe('log-in refused');
    expect(evidenceText(state({ evidence: [] }), en.continuity)).toBeNull();
  });

  it('name the weekday where the trouble is older than today', () => {
    const old = time('09:41:00') - 2 * 86_400_000;
    expect(modeText(state({ troubleSince: old }), en.continuity, languages[0]!.formats, NOW).headline).toContain('since Thu');
  });
});

describe('the banner', () => {
  it('is not shown in normal mode nor for a mere suspicion, but where a person is asked', () => {
    expect(needsBanner(state({ mode: 'normal' }))).toBe(false);
    expect(needsBanner(state({ mode: 'degraded', reason: 'primary-suspect' }))).toBe(false);
    expect(needsBanner(state({ mode: 'degraded', reason: 'primary-suspect', asksForFailover: true }))).toBe(true);
    for (const mode of continuityModeSchema.exclude(['normal']).options) expect(needsBanner(state({ mode }))).toBe(true);
  });

  it('tells accounts with the same trouble once, what a person has to decide first', () => {
    const of = (id: number, change: Partial<ContinuityState>) => state({ accountId: asAccountId(id), ...change });
    const groups = modeGroups([
      of(1, {}),
      of(2, { mode: 'normal', cause: null }),
      of(3, {}),
      of(4, { mode: 'degraded', asksForFailover: true }),
      of(5, { mode: 'degraded', asksForFailover: true }),
    ]);
    expect(groups.map(({ states }) => states.map(({ accountId }) => accountId))).toEqual([[4], [5], [1, 3]]);
  });

  it('of the status strip names the worst mode', () => {
    const modes = (list: readonly ContinuityState['mode'][]) => worstState(list.map((mode) => state({ mode })))?.mode;
    expect(modes(['normal', 'recovering', 'continuity'])).toBe('continuity');
    expect(modes(['normal', 'offline'])).toBe('offline');
    expect(modes(['normal'])).toBe('normal');
    expect(worstState([])).toBeUndefined();
  });
});
