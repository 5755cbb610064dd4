import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { EventPayload } from '../../shared/ipc/events.ts';
import { appText, type AppText } from './app-text.ts';

type Command = EventPayload<'app.command'>;
type Item = MenuItemConstructorOptions;

/** Sets the application menu: native roles where there are any, and commands that the window carries out. */
export function setMenu(language: 'de' | 'en', send: (command: Command) => void): void {
  const text = appText[language];
  const command = (label: string, name: Command, accelerator?: string): Item => ({
    label,
    click: () => send(name),
    ...(accelerator ? { accelerator } : {}),
  });
  const template: Item[] = [
    ...(process.platform === 'darwin' ? [macAppMenu(text, command)] : []),
    fileMenu(text, command),
    editMenu(text, command),
    viewMenu(text, command),
    {
      label: text.window,
      submenu: [
        { role: 'minimize', label: text.minimize },
        { role: 'close', label: text.close },
      ],
    },
    { label: text.help, submenu: [command(text.about, 'about')] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

type MakeCommand = (label: string, name: Command, accelerator?: string) => Item;

function macAppMenu(text: AppText, command: MakeCommand): Item {
  const items: Item[] = [
    command(text.about, 'about'),
    { type: 'separator' },
    command(text.settings, 'settings', 'CmdOrCtrl+,'),
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    { role: 'quit', label: text.quit },
  ];
  return { label: app.getName(), submenu: items };
}

function fileMenu(text: AppText, command: MakeCommand): Item {
  const items: Item[] = [command(text.newMail, 'compose', 'CmdOrCtrl+N'), { type: 'separator' }, command(text.addAccount, 'enrol')];
  if (process.platform !== 'darwin') {
    items.push(
      command(text.settings, 'settings', 'CmdOrCtrl+,'),
      { type: 'separator' },
      { role: 'quit', label: text.quit, accelerator: 'CmdOrCtrl+Q' },
    );
  }
  return { label: text.file, submenu: items };
}

function editMenu(text: AppText, command: MakeCommand): Item {
  return {
    label: text.edit,
    submenu: [
      { role: 'undo', label: text.undo },
      { role: 'redo', label: text.redo },
      { type: 'separator' },
      { role: 'cut', label: text.cut },
      { role: 'copy', label: text.copy },
      { role: 'paste', label: text.paste },
      { role: 'selectAll', label: text.selectAll },
      { type: 'separator' },
      command(text.search, 'search', 'CmdOrCtrl+F'),
    ],
  };
}

function viewMenu(text: AppText, command: MakeCommand): Item {
  return {
    label: text.view,
    submenu: [
      command(text.syncNow, 'sync-now', 'F5'),
      { type: 'separator' },
      { role: 'zoomIn', label: text.zoomIn },
      { role: 'zoomOut', label: text.zoomOut },
      { role: 'resetZoom', label: text.zoomReset },
      { type: 'separator' },
      { role: 'togglefullscreen', label: text.fullScreen },
      ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies Item]),
    ],
  };
}
