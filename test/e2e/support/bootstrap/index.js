// Holds the app back until Playwright has attached: a window that loads meanwhile makes it hang.
import '../../../../node_modules/playwright-core/lib/server/electron/loader.js';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// The engine on a disk that fails: it gets nothing of this environment by itself.
const engineEnv = JSON.parse(process.env.HOLDOVER_TEST_ENGINE_ENV ?? '{}');
const { utilityProcess } = await import('electron');
const fork = utilityProcess.fork.bind(utilityProcess);
utilityProcess.fork = (file, args, options) => fork(file, args, { ...options, env: { ...options.env, ...engineEnv } });

// Another program than the app: the demo's panel.
const main = process.env.HOLDOVER_TEST_MAIN;
const dist = process.env.HOLDOVER_TEST_DIST ?? path.join(import.meta.dirname, '../../../../dist');
await import(pathToFileURL(main ?? path.join(dist, 'main/index.js')).href);
