import { z } from 'zod';

/** When the app runs; as in the person's own settings. */
export const desktopFields = () => ({
  startAtLogin: z.boolean(),
  closeToTray: z.boolean(),
});
