// Holds the app back until Playwright has attached: a window that loads meanwhile makes it hang.
import '../../../../node_modules/playwright-core/lib/server/electron/loader.js';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// The engine on a disk that fails: it gets nothing of this environment by itself.
const engineEnv = JSON.parse(process.env.HOLDOVER_TEST_ENGINE_ENV ?? '{}');
// Or by a clock that a test sets.
const engineClock = process.env.HOLDOVER_TEST_ENGINE_CLOCK;
// Or watched for whom it reaches, as the app's own process is.
const reached = process.env.HOLDOVER_TEST_REACHED;
if (reached !== undefined) await import('./note-reached.js');
const { app, utilityProcess } = await import('electron');
const fork = utilityProcess.fork.bind(utilityProcess);
utilityProcess.fork = (file, args, options) => {
  const env = { ...options.env, ...engineEnv };
  if (reached !== undefined) {
    const watched = { HOLDOVER_TEST_REACHED: reached, HOLDOVER_TEST_ENGINE_HOST: pathToFileURL(file).href };
    return fork(path.join(import.meta.dirname, 'note-reached.js'), args, { ...options, env: { ...env, ...watched } });
  }
  if (engineClock === undefined) return fork(file, args, { ...options, env });
  const clocked = { HOLDOVER_TEST_ENGINE_CLOCK: engineClock, HOLDOVER_TEST_ENGINE_HOST: pathToFileURL(file).href };
  return fork(path.join(import.meta.dirname, 'clocked-engine.js'), args, { ...options, env: { ...env, ...clocked } });
};

// A clock that was set, for the app's own process; a test sets it further.
const aheadMs = process.env.HOLDOVER_TEST_CLOCK_AHEAD_MS;
if (aheadMs !== undefined) {
  const now = Date.now.bind(Date);
  globalThis.testClock = { aheadMs: Number(aheadMs) };
  Date.now = () => now() + globalThis.testClock.aheadMs;
}

// Bar E4, for every page of every test: one that is less shut in than it has to be ends the program, and the test with it.
const SHUT_IN = { sandbox: true, contextIsolation: true, webSecurity: true };
const MUST_BE_OFF = [
  'nodeIntegration',
  'nodeIntegrationInSubFrames',
  'nodeIntegrationInWorker',
  'webviewTag',
  'allowRunningInsecureContent',
];
app.on('web-contents-created', (_event, contents) => {
  const preferences = contents.getLastWebPreferences() ?? {};
  const isShutIn = Object.entries(SHUT_IN).every(([name, wanted]) => preferences[name] === wanted);
  if (!isShutIn || MUST_BE_OFF.some((name) => preferences[name] === true)) setImmediate(() => app.exit(97));
});

// Another program than the app: the demo's panel.
const main = process.env.HOLDOVER_TEST_MAIN;
const dist = process.env.HOLDOVER_TEST_DIST ?? path.join(import.meta.dirname, '../../../../dist');
await import(pathToFileURL(main ?? path.join(dist, 'main/index.js')).href);
