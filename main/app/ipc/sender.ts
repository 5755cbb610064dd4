import type { WebContents, WebFrameMain } from 'electron';
import { APP_ORIGIN } from '../app-origin.ts';

/** The little of an IPC event that tells who sent it. */
export interface IpcSender {
  readonly sender: WebContents;
  readonly senderFrame: WebFrameMain | null;
}

/** True only for the main frame of our own window, while it shows a page of the app scheme. */
export function isTrustedSender(event: IpcSender, window: WebContents | null): boolean {
  if (!window || window.isDestroyed() || event.sender !== window) return false;
  const frame = event.senderFrame;
  // A frame that navigated away or was destroyed since it sent has no identity left to check.
  if (!frame || frame !== window.mainFrame) return false;
  return frame.origin === APP_ORIGIN && frame.url.startsWith(`${APP_ORIGIN}/`);
}
