// Holds the app back until Playwright has attached: a window that loads meanwhile makes it hang.
import '../../../../node_modules/playwright-core/lib/server/electron/loader.js';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = process.env.HOLDOVER_TEST_DIST ?? path.join(import.meta.dirname, '../../../../dist');
await import(pathToFileURL(path.join(dist, 'main/index.js')).href);
