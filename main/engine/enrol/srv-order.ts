import type { SrvRecord } from 'node:dns';
import type { Random } from '../core/random.ts';

/**
 * Orders SRV records as RFC 2782 asks: lowest priority first, within one priority drawn by weight. A record whose target
 * is the root says that the service is not offered (RFC 6186 3.4) and is left out.
 */
export function orderSrv(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  const offered = records.filter((record) => record.name !== '' && record.name !== '.');
  const priorities = [...new Set(offered.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    draw(
      offered.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function draw(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  // Weight 0 comes first in the running sum, so that it is drawn only by the lowest numbers.
  const left = [...records].sort((a, b) => a.weight - b.weight);
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, record) => total + record.weight, 0);
    const mark = Math.floor(random.next() * (sum + 1));
    let running = 0;
    const found = left.findIndex((record) => (running += record.weight) >= mark);
    drawn.push(...left.splice(Math.max(found, 0), 1));
  }
  return drawn;
}
