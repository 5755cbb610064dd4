// The engine by a clock that a test sets further: whole hours pass while its timers run as ever.
import { readFileSync } from 'node:fs';

const { HOLDOVER_TEST_ENGINE_CLOCK: file, HOLDOVER_TEST_ENGINE_HOST: host } = process.env;
const LOOK_MS = 20;
let aheadMs = 0;
function look() {
  const text = readFileSync(file, 'latin1');
  // One that is just being written is read at the next look.
  if (/^\d+\n$/.test(text)) aheadMs = Number(text);
}
look();
setInterval(look, LOOK_MS).unref();

for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + aheadMs;
}
await import(host);
