import { parseArgs } from 'node:util';
import { SetupError } from '../lib/steps.mjs';

/**
 * @typedef {{ screenshot: string | null, lang: 'de' | 'en' | null, isDark: boolean, profile: string | null }} DemoOptions
 */

/**
 * @param {readonly string[]} argv
 * @returns {DemoOptions}
 */
export function parseDemoArguments(argv) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        screenshot: { type: 'string' },
        lang: { type: 'string' },
        dark: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
      strict: true,
    });
    const { screenshot = null, lang = null, dark, profile = null } = values;
    if (lang !== null && lang !== 'de' && lang !== 'en') throw new Error('--lang is de or en');
    return { screenshot, lang, isDark: dark === true, profile };
  } catch (error) {
    throw new SetupError(
      `${error instanceof Error ? error.message : error}\n\nnpm run demo -- [--screenshot FILE.png] [--lang de|en] [--dark] [--profile DIR]`,
    );
  }
}

/** Whether a window can be opened on a real screen. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
