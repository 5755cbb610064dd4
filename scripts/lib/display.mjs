/**
 * A command to start: program, arguments, and environment in full.
 * @typedef {{ command: string, args: readonly string[], env: NodeJS.ProcessEnv }} Launch
 */

const SCREEN = '-screen 0 1920x1200x24';

/**
 * Lets a command open its windows on a virtual display: none pops up on anybody's screen, and none is needed. Elsewhere
 * than on Linux the real one is used.
 * @param {Launch} launch
 * @returns {Launch}
 */
export function onVirtualDisplay({ command, args, env }) {
  if (process.platform !== 'linux') return { command, args, env };
  const { WAYLAND_DISPLAY: _wayland, ...kept } = env;
  return {
    command: 'xvfb-run',
    args: ['-a', '-s', SCREEN, command, ...args],
    env: { ...kept, HOLDOVER_VIRTUAL_DISPLAY: '1', ELECTRON_OZONE_PLATFORM_HINT: 'x11', XDG_SESSION_TYPE: 'x11' },
  };
}
