import path from 'node:path';
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions, type NativeImage } from 'electron';
import { moment } from './moment.ts';
import type { TrayIcon, TrayModel } from './tray-model.ts';
import type { DesktopWords } from './words.ts';

export interface TrayActions {
  open(): void;
  newMail(): void;
  pause(): void;
  resume(): void;
  quit(): void;
}

/** Pixels of each image by its scale, as panels of the system are wide. */
const SIZES = process.platform === 'linux' ? { 1: 24, 2: 48 } : { 1: 16, 1.5: 24, 2: 32, 3: 48 };

/** The icon of a state, for every scale. macOS colours a template by its bar; elsewhere it has a rim for light and dark panels. */
function iconOf(icon: TrayIcon, folder: string): NativeImage {
  const isTemplate = process.platform === 'darwin';
  const image = nativeImage.createEmpty();
  for (const [scale, size] of Object.entries(SIZES)) {
    const file = path.join(folder, `${icon}${isTemplate ? '-template' : ''}-${size}.png`);
    const buffer = nativeImage.createFromPath(file).toPNG();
    image.addRepresentation({ scaleFactor: Number(scale), width: size, height: size, buffer });
  }
  image.setTemplateImage(isTemplate);
  return image;
}

/** The items of the menu: what can be read, then what can be done. */
export function trayMenu(model: TrayModel, words: DesktopWords, locale: string, actions: TrayActions): MenuItemConstructorOptions[] {
  const { pausedUntil } = model;
  const item = (label: string, click: () => void): MenuItemConstructorOptions => ({ label, click });
  return [
    // An ampersand would be taken for the mark of a key.
    ...model.lines.map((line) => ({ label: line.replaceAll('&', '&&'), enabled: false })),
    { type: 'separator' },
    item(words.open, actions.open),
    item(words.newMail, actions.newMail),
    { type: 'separator' },
    pausedUntil === null ? item(words.pause, actions.pause) : item(words.resume(moment(pausedUntil, Date.now(), locale)), actions.resume),
    { type: 'separator' },
    item(words.quit, actions.quit),
  ];
}

/** The icon in the panel. Nothing is drawn again that looks the same: a menu that is open would close. */
export class TrayView {
  readonly #folder: string;
  readonly #actions: TrayActions;
  #tray: Tray | null = null;
  #shown = '';
  #icon: TrayIcon | null = null;

  constructor(folder: string, actions: TrayActions) {
    this.#folder = folder;
    this.#actions = actions;
  }

  show(model: TrayModel, words: DesktopWords, locale: string): void {
    const look = JSON.stringify([model, locale, words.open]);
    if (look === this.#shown) return;
    this.#shown = look;
    const tray = (this.#tray ??= this.#make(model.icon));
    if (this.#icon !== model.icon) tray.setImage(iconOf(model.icon, this.#folder));
    this.#icon = model.icon;
    tray.setToolTip(model.tooltip);
    tray.setContextMenu(Menu.buildFromTemplate(trayMenu(model, words, locale, this.#actions)));
  }

  remove(): void {
    this.#tray?.destroy();
    this.#tray = null;
    this.#shown = '';
  }

  #make(icon: TrayIcon): Tray {
    const tray = new Tray(iconOf(icon, this.#folder));
    this.#icon = icon;
    // On macOS a click opens the menu.
    if (process.platform !== 'darwin') tray.on('click', this.#actions.open);
    return tray;
  }
}
