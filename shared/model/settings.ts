import { z } from 'zod';
import { spellingChoiceSchema } from './spelling.ts';

/** Bounds within which a pane can be made wider or narrower, CSS pixels. */
export const paneWidths = { folders: { least: 150, most: 380 }, list: { least: 260, most: 760 } } as const;

const fields = () => ({
  language: z.enum(['system', 'de', 'en']),
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** What a row of a list stands for. */
  listView: z.enum(['messages', 'conversations']),
  previewLines: z.number().int().min(0).max(2),
  markSeenAfterMs: z.number().int().min(0).max(10_000),
  /** Widths of the panes, CSS pixels. */
  navigationWidth: z.number().int().min(paneWidths.folders.least).max(paneWidths.folders.most),
  listWidth: z.number().int().min(paneWidths.list.least).max(paneWidths.list.most),
  spelling: spellingChoiceSchema,
  /** How much of new mail the system shows: sender and subject, that it came, or nothing. */
  notifyMail: z.enum(['content', 'arrival', 'none']),
  /** Outages, their end, and mail that could not be sent. */
  notifyState: z.boolean(),
  closeToTray: z.boolean(),
  /** After so long without input the app locks; 0 for never. */
  lockAfterIdleMinutes: z.number().int().min(0).max(1440),
  /** The app locks with the screen. */
  lockOnSystemLock: z.boolean(),
});

/** Preferences of the window; no secret and no mail content, so kept in a plain file. */
export const settingsSchema = z.lazy(() => {
  const given = fields();
  return z.strictObject({
    language: given.language.default('system'),
    theme: given.theme.default('system'),
    density: given.density.default('comfortable'),
    listView: given.listView.default('messages'),
    previewLines: given.previewLines.default(1),
    markSeenAfterMs: given.markSeenAfterMs.default(1500),
    navigationWidth: given.navigationWidth.default(236),
    listWidth: given.listWidth.default(400),
    spelling: given.spelling.default('both'),
    // What the system shows it also keeps, unencrypted: no content unless a person asks for it.
    notifyMail: given.notifyMail.default('arrival'),
    notifyState: given.notifyState.default(true),
    closeToTray: given.closeToTray.default(true),
    lockAfterIdleMinutes: given.lockAfterIdleMinutes.default(0),
    lockOnSystemLock: given.lockOnSystemLock.default(false),
  });
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsPatchSchema = z.lazy(() => z.strictObject(fields()).partial());
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
