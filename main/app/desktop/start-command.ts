import path from 'node:path';
import { app } from 'electron';
import { findProfileArgument } from '../profile.ts';

/** What starts this app again: the image it came in, where it came in one, else its program; and its profile, where that is not the usual. */
export function startCommand(): readonly [string, ...string[]] {
  const image = process.env['APPIMAGE'];
  const program = app.isPackaged && image !== undefined && path.isAbsolute(image) ? image : process.execPath;
  const profile = findProfileArgument(process.argv.slice(1), process.env);
  return [program, ...(app.isPackaged ? [] : [app.getAppPath()]), ...(profile === null ? [] : ['--profile', path.resolve(profile)])];
}
