import { z } from 'zod';

/** Bounds within which a pane can be made wider or narrower, CSS pixels. */
export const paneWidths = { folders: { least: 150, most: 380 }, list: { least: 260, most: 760 } } as const;

/** Preferences of the window; no secret and no mail content, so kept in a plain file. */
export const settingsSchema = z.lazy(() =>
  z.strictObject({
    language: z.enum(['system', 'de', 'en']).default('system'),
    theme: z.enum(['system', 'light', 'dark']).default('system'),
    density: z.enum(['comfortable', 'compact']).default('comfortable'),
    previewLines: z.number().int().min(0).max(2).default(1),
    markSeenAfterMs: z.number().int().min(0).max(10_000).default(1500),
    /** Widths of the panes, CSS pixels. */
    navigationWidth: z.number().int().min(paneWidths.folders.least).max(paneWidths.folders.most).default(236),
    listWidth: z.number().int().min(paneWidths.list.least).max(paneWidths.list.most).default(400),
  }),
);
export type Settings = z.infer<typeof settingsSchema>;

export const settingsPatchSchema = z.lazy(() =>
  z.strictObject({
    language: z.enum(['system', 'de', 'en']).optional(),
    theme: z.enum(['system', 'light', 'dark']).optional(),
    density: z.enum(['comfortable', 'compact']).optional(),
    previewLines: z.number().int().min(0).max(2).optional(),
    markSeenAfterMs: z.number().int().min(0).max(10_000).optional(),
    navigationWidth: z.number().int().min(paneWidths.folders.least).max(paneWidths.folders.most).optional(),
    listWidth: z.number().int().min(paneWidths.list.least).max(paneWidths.list.most).optional(),
  }),
);
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
