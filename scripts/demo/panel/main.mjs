import { app, BrowserWindow, screen } from 'electron';

/** The panel's page is served by the demo on loopback; this only opens a small window on it. */
const url = process.argv.find((one) => one.startsWith('--panel='))?.slice('--panel='.length) ?? '';
const WIDTH = 430;
const HEIGHT = 640;
const MARGIN = 12;

// It must not share a profile with the app beside it.
const folder = process.argv.find((one) => one.startsWith('--panel-data='))?.slice('--panel-data='.length);
if (folder) app.setPath('userData', folder);

async function open() {
  // In a corner: the app opens in the middle.
  const { x, y, width } = screen.getPrimaryDisplay().workArea;
  const window = new BrowserWindow({
    x: x + width - WIDTH - MARGIN,
    y: y + MARGIN,
    width: WIDTH,
    height: HEIGHT,
    title: 'Holdover demo',
    autoHideMenuBar: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
  });
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  await window.loadURL(url);
}

app.on('window-all-closed', () => app.quit());
// Not awaited here: Electron is ready only once this file has been run to its end.
void app.whenReady().then(open);
