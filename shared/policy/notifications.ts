import { z } from 'zod';

/** What the system may show of mail and outages; names and words as in the person's own settings. */
export const notificationFields = () => ({
  mail: z.enum(['content', 'arrival', 'none']),
  state: z.boolean(),
});
