import type { HerdResult } from './herd.ts';

const WIDTH = 860;
const PANEL = 150;
const LEFT = 60;
const MEAN_S = 5;
/** Points of a curve: more than that a reader cannot tell apart, and a picture of three days would be a megabyte. */
const MOST_POINTS = 400;

const meanFrom = (list: readonly number[], second: number): number => {
  let sum = 0;
  for (let more = 0; more < MEAN_S; more += 1) sum += list[second + more] ?? 0;
  return sum / MEAN_S;
};

/**
 * Log-ins, connections and submissions of both servers over an outage, as a picture for the docs: means of five seconds, and of a long outage
 * the highest ones, so that no peak is lost between two points.
 */
export function drawHerd({ goneAt, backAt, series }: HerdResult, clients: number): string {
  const from = goneAt - 120;
  const to = backAt + 15 * 60;
  const stepS = Math.ceil((to - from) / MOST_POINTS / MEAN_S) * MEAN_S;
  const x = (second: number): number => LEFT + ((second - from) / (to - from)) * (WIDTH - LEFT - 20);
  const panels = [
    { title: 'log-ins per second, primary', list: series.primary.logins, line: clients * 0.02 },
    { title: 'log-ins per second, relay', list: series.relay.logins, line: clients * 0.02 },
    { title: 'connections per second, primary', list: series.primary.connections, line: null },
    { title: 'submissions per second, relay', list: series.relay.submissions, line: null },
  ];
  const drawn = panels.map(({ title, list, line }, n) => {
    const points: [number, number][] = [];
    for (let second = from; second < to; second += stepS) {
      let most = 0;
      for (let within = second; within < second + stepS; within += MEAN_S) most = Math.max(most, meanFrom(list, within));
      points.push([second, most]);
    }
    const most = Math.max(1, line ?? 0, ...points.map(([, value]) => value)) * 1.1;
    const top = 40 + n * (PANEL + 40);
    const y = (value: number): number => top + PANEL - (value / most) * PANEL;
    const path = points.map(([second, value], at) => `${at === 0 ? 'M' : 'L'}${x(second).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    const bar =
      line === null
        ? ''
        : `<path d="M${LEFT} ${y(line).toFixed(1)}H${WIDTH - 20}" stroke="#b3261e" stroke-dasharray="5 4"/>` +
          `<text x="${WIDTH - 20}" y="${(y(line) - 5).toFixed(1)}" text-anchor="end" fill="#b3261e">2 % of the fleet</text>`;
    return (
      `<text x="${LEFT}" y="${top - 8}" font-weight="600">${title}</text>` +
      `<rect x="${x(goneAt).toFixed(1)}" y="${top}" width="${(x(backAt) - x(goneAt)).toFixed(1)}" height="${PANEL}" fill="#f3dcc4"/>` +
      `<path d="M${LEFT} ${top}V${top + PANEL}H${WIDTH - 20}" fill="none" stroke="#777"/>` +
      `<text x="${LEFT - 8}" y="${top + 10}" text-anchor="end">${Math.round(most)}</text><text x="${LEFT - 8}" y="${top + PANEL}" text-anchor="end">0</text>` +
      `${bar}<path d="${path}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>`
    );
  });
  const height = 40 + panels.length * (PANEL + 40);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#222">` +
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>${drawn.join('')}` +
    `<text x="${x(goneAt).toFixed(1)}" y="${height - 12}">primary gone</text>` +
    `<text x="${x(backAt).toFixed(1)}" y="${height - 12}"${x(backAt) > WIDTH - 100 ? ' text-anchor="end"' : ''}>primary back</text></svg>\n`
  );
}
