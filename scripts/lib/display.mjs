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

/** Notes the display it is started on, with the file that opens it, and goes on. */
const NOTE_SCRIPT = 'HOLDOVER_DISPLAYS="$HOLDOVER_DISPLAYS $DISPLAY=$XAUTHORITY" exec "$@"';

/**
 * The same with several displays, so that windows that want the focus do not take it from each other: HOLDOVER_DISPLAYS lists
 * them as `display=file that opens it`, with a blank before each.
 * @param {Launch} launch
 * @param {number} count displays, 1 or more
 * @returns {Launch}
 */
export function onVirtualDisplays(launch, count) {
  if (process.platform !== 'linux') return launch;
  let all = launch;
  for (let n = 0; n < count; n += 1)
    all = onVirtualDisplay({ command: 'sh', args: ['-c', NOTE_SCRIPT, 'sh', all.command, ...all.args], env: all.env });
  return all;
}
