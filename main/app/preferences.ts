import { app, nativeTheme } from 'electron';
import type { Settings, SettingsPatch } from '../../shared/model/settings.ts';
import { appLanguage, appText, type AppText } from './app-text.ts';
import type { SendEvent } from './events.ts';
import { setMenu } from './menu.ts';
import type { SettingsFile } from './settings-file.ts';

/** What the person chose, and where it shows outside the window's page: theme and menu. */
export class Preferences {
  readonly #file: SettingsFile;
  readonly #send: SendEvent;

  constructor(file: SettingsFile, send: SendEvent) {
    this.#file = file;
    this.#send = send;
  }

  /** Words of the app process in the chosen language. */
  get words(): AppText {
    return appText(this.#file.settings.language, app.getLocale());
  }

  get language(): 'de' | 'en' {
    return appLanguage(this.#file.settings.language, app.getLocale());
  }

  /** Sets theme and menu. Call after ready, before the first window. */
  apply(): void {
    nativeTheme.themeSource = this.#file.settings.theme;
    setMenu(this.words, (command) => this.#send('app.command', command));
  }

  /** Changes the given fields, shows them and tells the window. */
  change(patch: SettingsPatch): Settings {
    const changed = this.#file.change(patch);
    this.apply();
    this.#send('settings.changed', changed);
    return changed;
  }
}
