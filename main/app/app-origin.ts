export const APP_SCHEME = 'app';
/** Origin of every page of the app; its host part is fixed and stands for the renderer's bundle. */
export const APP_ORIGIN = 'app://holdover';
export const APP_START_URL = `${APP_ORIGIN}/index.html`;
