// The engine by a clock that runs faster and that a test sets further: its timers keep to the rate, and are as they were when hours pass at once.
import { readFileSync } from 'node:fs';

const { HOLDOVER_TEST_ENGINE_CLOCK: file, HOLDOVER_TEST_ENGINE_HOST: host } = process.env;
const LOOK_MS = 20;
const wall = Date.now.bind(Date);
const running = performance.now.bind(performance);
const plan = { timeout: setTimeout, interval: setInterval };
/** Milliseconds since 1970 from which on it runs faster, how many times as fast, and how far it was set. */
let [origin, rate, aheadMs] = [0, 1, 0];
function look() {
  const found = /^(\d+) (\d+) (\d+)\n$/.exec(readFileSync(file, 'latin1'));
  // One that is just being written is read at the next look.
  if (found) [origin, rate, aheadMs] = found.slice(1).map(Number);
}
look();
plan.interval(look, LOOK_MS).unref();

Date.now = () => Math.floor(origin + (wall() - origin) * rate + aheadMs);
performance.now = () => running() * rate + aheadMs;
globalThis.setTimeout = (callback, ms = 0, ...args) => plan.timeout(callback, ms / rate, ...args);
globalThis.setInterval = (callback, ms = 0, ...args) => plan.interval(callback, ms / rate, ...args);
await import(host);
