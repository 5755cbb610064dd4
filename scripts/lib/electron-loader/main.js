// Lies in resources/app of a runtime that came without Electron's own start-up app, and does that app's work: starts the
// app (folder with package.json) or script named by the first argument that is no switch.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

/** Name and version as the app sees them; they also decide its folder for user data. */
function adoptPackage(folder) {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return;
  const { name, productName, version } = JSON.parse(readFileSync(file, 'utf8'));
  if (version) app.setVersion(version);
  if (productName ?? name) app.name = productName ?? name;
  app.setAppPath(folder);
}

async function start(target) {
  const place = path.resolve(target);
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
  adoptPackage(place);
  const entry = createRequire(import.meta.url).resolve(place);
  await import(pathToFileURL(entry).href);
}

const target = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (target === undefined) {
  process.stderr.write('usage: electron [switches] <folder or script of an app> [arguments]\n');
  app.exit(2);
} else {
  try {
    await start(target);
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    app.exit(1);
  }
}
