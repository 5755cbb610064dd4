/** Two files run side by side, each with a display of its own: windows there would take the focus from each other. */
const { HOLDOVER_OUTER_DISPLAY: display, HOLDOVER_OUTER_XAUTHORITY: authority, VITEST_POOL_ID: worker } = process.env;
if (display && worker === '2') Object.assign(process.env, { DISPLAY: display, XAUTHORITY: authority ?? '' });
