import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';

await runMain(async () => {
  await ensureSetup({});
  return 0;
});
