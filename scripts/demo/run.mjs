import { spawn } from 'node:child_process';
import path from 'node:path';
import { onVirtualDisplay } from '../lib/display.mjs';
import { resolveElectron } from '../lib/electron.mjs';
import { rootDir } from '../lib/paths.mjs';
import { runInherited } from '../lib/run.mjs';
import { listenToKeys } from './keys.mjs';
import { startPanel } from './panel/server.mjs';
import { openWorld } from './world.mjs';

/** Opens the app on the demo's servers until it is closed, or until q or Ctrl-C. */
export async function runDemo(options) {
  const world = await openWorld(options);
  const { executablePath, args, env } = resolveElectron();
  const app = spawn(executablePath, [...args, rootDir, '--profile', world.profile], {
    env: { ...process.env, ...env, ...world.env },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const ended = new Promise((resolve) => app.once('close', (code) => resolve(code ?? 0)));
  app.once('error', (error) => world.say(`Electron did not start: ${error.message}`));
  const panel = await startPanel(world.play);
  const panelWindow = openPanel(panel.url, world);
  const quit = () => app.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, quit);
  world.say('the app is open, and a small panel that plays the outage; close the app to end the demo');
  world.say(`the same panel in a browser: ${panel.url}`);
  listenToKeys(world, quit);
  const code = await ended;
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.stdin.pause();
  await panelWindow.end();
  await panel.close();
  await world.close();
  return code;
}

/** The panel is a window of its own: nothing of it is in the app. It writes to its folder until it has ended. */
function openPanel(url, world) {
  const { executablePath, args, env } = resolveElectron();
  const folder = path.join(rootDir, 'scripts/demo/panel');
  const given = [...args, folder, `--panel=${url}`, `--panel-data=${path.join(world.scratch, 'panel')}`];
  const child = spawn(executablePath, given, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      world.say(`the panel did not open: ${error.message}`);
      resolve(undefined);
    });
  });
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { end };
}

/** Runs the app on a virtual display, waits for the whole mirror, and leaves a picture. */
export async function takeScreenshot(options) {
  if (process.env.HOLDOVER_VIRTUAL_DISPLAY === '1' || process.platform !== 'linux') return photograph(options);
  const self = [path.join(rootDir, 'scripts/demo.mjs'), ...process.argv.slice(2)];
  const { command, args, env } = onVirtualDisplay({ command: process.execPath, args: self, env: process.env });
  return runInherited(command, args, { env });
}

async function photograph(options) {
  const { startDemoApp } = await import('./app.mjs');
  const world = await openWorld(options);
  try {
    const app = await startDemoApp(world);
    try {
      await app.untilComplete();
      await app.openFirstMessage();
      await app.picture(path.resolve(options.screenshot));
      world.say(`picture: ${options.screenshot}`);
    } finally {
      await app.quit();
    }
    return 0;
  } finally {
    await world.close();
  }
}
