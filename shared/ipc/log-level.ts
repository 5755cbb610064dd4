import { z } from 'zod';

/** How important an entry of the log is, or has to be. */
export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevelSchema>;
