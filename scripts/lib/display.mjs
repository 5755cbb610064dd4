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

/** Started on the inner one of two displays; the outer one goes along by name, with the file that opens it. */
const INNER_SCRIPT = 'HOLDOVER_OUTER_DISPLAY="$DISPLAY" HOLDOVER_OUTER_XAUTHORITY="$XAUTHORITY" exec xvfb-run -a -s "$0" "$@"';

/**
 * The same with a second display, so that two windows that want the focus do not take it from each other: its name is in
 * HOLDOVER_OUTER_DISPLAY, what opens it in HOLDOVER_OUTER_XAUTHORITY.
 * @param {Launch} launch
 * @returns {Launch}
 */
export function onTwoVirtualDisplays({ command, args, env }) {
  if (process.platform !== 'linux') return { command, args, env };
  return onVirtualDisplay({ command: 'sh', args: ['-c', INNER_SCRIPT, SCREEN, command, ...args], env });
}
