import type { BrowserWindow } from 'electron';
import { eventSender } from './events.ts';
import { watchMailFrames } from './mail-frames.ts';
import type { SettingsFile } from './settings-file.ts';

const PLACE_WRITE_DELAY_MS = 500;

/** What a window needs from the moment it is there to be seen: loaded after its first paint, which need not wait for it. */
export function careFor(window: BrowserWindow, settings: SettingsFile): void {
  if (window.isDestroyed()) return;
  rememberPlace(window, settings);
  const send = eventSender(() => (window.isDestroyed() ? null : window.webContents));
  watchMailFrames(window.webContents, () => send('app.command', 'mail-stuck'));
}

function rememberPlace(window: BrowserWindow, settings: SettingsFile): void {
  let timer: NodeJS.Timeout | undefined;
  const remember = () => {
    clearTimeout(timer);
    if (!window.isDestroyed()) settings.rememberWindow({ ...window.getNormalBounds(), isMaximized: window.isMaximized() });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(remember, PLACE_WRITE_DELAY_MS);
  };
  window.on('resize', soon).on('move', soon).on('close', remember);
  window.on('closed', () => clearTimeout(timer));
}
