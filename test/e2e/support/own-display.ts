/** Files run side by side, each with a display of its own: windows on one would take the focus from each other. */
const displays = (process.env['HOLDOVER_DISPLAYS'] ?? '').split(' ').filter(Boolean);
const mine = displays[(Number(process.env['VITEST_POOL_ID'] ?? 1) - 1) % Math.max(1, displays.length)];
if (mine) {
  const at = mine.indexOf('=');
  Object.assign(process.env, { DISPLAY: mine.slice(0, at), XAUTHORITY: mine.slice(at + 1) });
}
