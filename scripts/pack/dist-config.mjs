import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';

/** Packing without compressing takes seconds instead of minutes. */
const QUICK = { deb: ['--deb-compression', 'none'], rpm: ['--rpm-compression', 'none'] };
/** Commands on the path, beside that of the app, which electron-builder lays itself. */
const COMMANDS = ['holdover-engine', 'holdover-admin'];

/** Starts the app at log-in where the policy says so, for people who never opened it, too. */
const AUTOSTART = `${path.join(rootDir, 'assets/autostart.desktop')}=/etc/xdg/autostart/holdover.desktop`;

/** In fpm's words: file of the checkout = place on the device. */
const commandFiles = COMMANDS.map((name) => `${path.join(rootDir, 'assets/linux/bin', name)}=/usr/bin/${name}`);

/** What of electron-builder's configuration depends on this machine and on how it was called. */
export function distConfig({ isQuick }) {
  const fpmOf = (target) => ({ fpm: [...(isQuick ? QUICK[target] : []), ...commandFiles, AUTOSTART] });
  return { ...(isQuick ? { compression: 'store' } : {}), deb: fpmOf('deb'), rpm: fpmOf('rpm') };
}
