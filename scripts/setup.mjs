import { ensureSetup } from './lib/setup.mjs';
import { runMain } from './lib/steps.mjs';
import { tierPackages } from './lib/tiers.mjs';

await runMain(async () => {
  await ensureSetup({ packages: tierPackages, electron: true });
  return 0;
});
