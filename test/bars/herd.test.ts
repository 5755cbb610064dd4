import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { HERD_PLOTS, withHerdTable, type HerdFigures, type HerdResults } from '../support/herd-docs.ts';
import { drawHerd } from '../support/herd-plot.ts';
import { peakOf, playHerd, type HerdResult } from '../support/herd.ts';
import { isFull, seed } from '../support/this-run.ts';

const MINUTE = 60_000;
const OUTAGES = [
  { name: '5 minutes', outageMs: 5 * MINUTE },
  { name: '4 hours', outageMs: 4 * 60 * MINUTE },
  { name: '3 days', outageMs: 3 * 24 * 60 * MINUTE },
] as const;
/** What the docs speak of. */
const FLEET = 10_000;
/** A sample plays the outage that brings clients back closest together; a longer one spreads them more. */
const cases = isFull ? OUTAGES : OUTAGES.slice(0, 1);
const CLIENTS = Number(process.env['HOLDOVER_HERD'] ?? (isFull ? FLEET : 600));
/** Log-ins of the fleet in a second, in percent. */
const MOST_PERCENT = 2;
/** In a small fleet one second more or less is chance: the mean of some is what counts. */
const MEAN_SECONDS = isFull ? 1 : 10;
/** A sample, or a fleet of another size, leaves the figures and the pictures of the docs as they are. */
const isKept = isFull && CLIENTS === FLEET;
const results = join(import.meta.dirname, '../results/herd.json');
const docs = join(import.meta.dirname, '../../docs');

const smoothed = (list: readonly number[]): number[] =>
  Array.from(list, (_, at) => {
    let sum = 0;
    for (let back = 0; back < MEAN_SECONDS; back += 1) sum += list[at - back] ?? 0;
    return sum / MEAN_SECONDS;
  });

function figuresOf({ goneAt, backAt, series, failedOverS, failedBackS }: HerdResult): HerdFigures {
  const of = (side: 'primary' | 'relay') => ({
    connections: peakOf(series[side].connections, goneAt),
    logins: peakOf(smoothed(series[side].logins), goneAt),
    submissions: peakOf(series[side].submissions, goneAt),
  });
  return { clients: CLIENTS, outageS: backAt - goneAt, primary: of('primary'), relay: of('relay'), failedOverS, failedBackS };
}

/** Keeps a full run for the docs; the cases come one by one. */
function keep({ name }: (typeof OUTAGES)[number], figures: HerdFigures, result: HerdResult): void {
  const known = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as HerdResults) : {};
  const all = { ...known, [name]: figures };
  mkdirSync(join(results, '..'), { recursive: true });
  writeFileSync(results, `${JSON.stringify(all, null, 2)}\n`);
  const text = join(docs, 'herd.md');
  writeFileSync(text, withHerdTable(readFileSync(text, 'utf8'), all));
  writeFileSync(join(docs, HERD_PLOTS[name]), drawHerd(result, CLIENTS));
}

describe(`a herd of ${CLIENTS} clients whose mail server goes away`, () => {
  it.each(cases)('for $name comes over and back without a stampede', async (outage) => {
    const { name, outageMs } = outage;
    const result = await playHerd({ clients: CLIENTS, outageMs, seed, mailsPerHour: 3, receivedPerHour: 4 });
    const figures = figuresOf(result);
    const percent = (n: number): number => Number(((n / CLIENTS) * 100).toFixed(2));
    reportFigure(`herd ${name}`, {
      clients: CLIENTS,
      primaryLoginsPercent: percent(figures.primary.logins),
      relayLoginsPercent: percent(figures.relay.logins),
      primaryConnectionsPerS: figures.primary.connections,
      relaySubmissionsPerS: figures.relay.submissions,
      failedOverS: figures.failedOverS,
      failedBackS: figures.failedBackS,
    });
    if (isKept) keep(outage, figures, result);
    expect(percent(figures.relay.logins)).toBeLessThan(MOST_PERCENT);
    expect(percent(figures.primary.logins)).toBeLessThan(MOST_PERCENT);
    // Spread out, and yet quick: the relay is used within seconds, the primary some minutes after it is back.
    expect(figures.failedOverS).toBeLessThan(15);
    expect(figures.failedBackS).toBeLessThan(15 * 60);
  });

  it('comes back without a stampede where a third of it lacks more texts than come over the connection that stands', async () => {
    const result = await playHerd({ clients: CLIENTS, outageMs: 60 * MINUTE, seed, mailsPerHour: 3, receivedPerHour: 3 * 24 * 4 });
    const { primary } = figuresOf(result);
    reportFigure('herd with many texts', { clients: CLIENTS, primaryLoginsPercent: Number(((primary.logins / CLIENTS) * 100).toFixed(2)) });
    expect((primary.logins / CLIENTS) * 100).toBeLessThan(MOST_PERCENT);
  });
});
