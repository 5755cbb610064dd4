// The least an Electron app can be: the reference of the start. Held back until Playwright has attached, as the app is.
import '../../../node_modules/playwright-core/lib/server/electron/loader.js';
import { app, BrowserWindow } from 'electron';

app.setPath('userData', process.env.EMPTY_WINDOW_PROFILE);
// Not awaited: Electron holds `ready` back until this file has been run.
void app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1200, height: 800, webPreferences: { sandbox: true, contextIsolation: true } });
  void window.loadURL('data:text/html,<title>Empty</title><p>Empty</p>');
});
