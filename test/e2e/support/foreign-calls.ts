import type { RunningApp } from './start-app.ts';

/** A call as somebody might make it who got hold of the channel. */
export interface ForeignCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** In place of ten megabytes of text in an argument's field: made where it is needed. */
export const LONG_TEXT = '@long';

/** Makes every call as each of those who may make none: other frames, pages and windows, frames that are gone. Gives those that were not rejected. */
export function callAsForeigners(app: RunningApp, calls: readonly ForeignCall[]): Promise<{ tried: number; answered: string[] }> {
  return app.electron.evaluate(
    async ({ ipcMain, webContents, BrowserWindow, session }, { made, longText }) => {
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>> })
        ._invokeHandlers;
      const handle = handlers.get('holdover:call');
      const own = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith('app://'));
      if (!handle || !own) throw new Error('nothing to call');
      await own.executeJavaScript("document.body.append(document.createElement('iframe'))");
      const child = own.mainFrame.framesInSubtree.find((frame) => frame !== own.mainFrame);
      const foreign = new BrowserWindow({ show: false, webPreferences: { session: session.fromPartition('foreign') } });
      await foreign.loadURL('data:text/html,<h1>foreign');
      const blank = new BrowserWindow({ show: false });
      await blank.loadURL('about:blank');
      const gone = new BrowserWindow({ show: false });
      await gone.loadURL('about:blank');
      const goneEvent = { sender: gone.webContents, senderFrame: gone.webContents.mainFrame };
      gone.destroy();
      const senders = {
        'frame of the page': { sender: own, senderFrame: child },
        'foreign origin': { sender: foreign.webContents, senderFrame: foreign.webContents.mainFrame },
        'foreign window claiming our frame': { sender: foreign.webContents, senderFrame: own.mainFrame },
        'about:blank': { sender: blank.webContents, senderFrame: blank.webContents.mainFrame },
        'destroyed frame': goneEvent,
        'no frame': { sender: own, senderFrame: null },
      };
      const text = 'x'.repeat(10 * 1024 * 1024);
      const whole = (arg: unknown): unknown =>
        typeof arg === 'object' && arg !== null && Object.values(arg).includes(longText)
          ? Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, value === longText ? text : (value as unknown)]))
          : arg;
      let tried = 0;
      const answered: string[] = [];
      for (const [who, event] of Object.entries(senders)) {
        for (const { name, args } of made) {
          tried += 1;
          try {
            await handle(event, name, ...args.map(whole));
            answered.push(`${who}: ${name}`);
          } catch (error) {
            if (!String(error).includes('call-rejected')) answered.push(`${who}: ${name}: ${String(error)}`);
          }
        }
      }
      foreign.destroy();
      blank.destroy();
      await own.executeJavaScript("document.querySelector('body > iframe:last-child').remove()");
      return { tried, answered };
    },
    { made: calls, longText: LONG_TEXT },
  );
}
