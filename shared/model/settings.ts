import { z } from 'zod';

/** Preferences of the window; no secret and no mail content, so kept in a plain file. */
export const settingsSchema = z.strictObject({
  language: z.enum(['system', 'de', 'en']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  density: z.enum(['comfortable', 'compact']).default('comfortable'),
  previewLines: z.number().int().min(0).max(2).default(1),
  markSeenAfterMs: z.number().int().min(0).max(10_000).default(1500),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsPatchSchema = z.strictObject({
  language: z.enum(['system', 'de', 'en']).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
  density: z.enum(['comfortable', 'compact']).optional(),
  previewLines: z.number().int().min(0).max(2).optional(),
  markSeenAfterMs: z.number().int().min(0).max(10_000).optional(),
});
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
