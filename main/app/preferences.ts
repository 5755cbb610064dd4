import { app, nativeTheme } from 'electron';
import { MailError } from '../../shared/errors.ts';
import type { Settings, SettingsPatch } from '../../shared/model/settings.ts';
import { appLanguage } from './app-language.ts';
import type { SendEvent } from './events.ts';
import type { SettingsFile } from './settings-file.ts';

/** What the person chose, and where it shows outside the window's page: theme and menu. */
export class Preferences {
  readonly #file: SettingsFile;
  readonly #send: SendEvent;

  constructor(file: SettingsFile, send: SendEvent) {
    this.#file = file;
    this.#send = send;
  }

  /** What IT holds, whatever the person chose. */
  #held: SettingsPatch = {};

  /** What holds: IT's word where there is one, else the person's. */
  get settings(): Settings {
    return { ...this.#file.settings, ...(this.#held as Partial<Settings>) };
  }

  /** IT holds these settings from now on, and no others. */
  hold(held: SettingsPatch): void {
    this.#held = held;
    this.#show();
  }

  get language(): 'de' | 'en' {
    return appLanguage(this.settings.language, app.getLocale());
  }

  /** Sets theme and menu. Call after ready, before the first window. */
  apply(): void {
    nativeTheme.themeSource = this.settings.theme;
    const { language } = this;
    // Long before the window is shown.
    void import('./menu.ts').then(({ setMenu }) => setMenu(language, (command) => this.#send('app.command', command)));
  }

  /** Changes the given fields, shows them and tells the window. @throws MailError held-by-policy */
  change(patch: SettingsPatch): Settings {
    const held = Object.entries(this.#held).find(([key, value]) => (patch[key as keyof Settings] ?? value) !== value);
    if (held) throw new MailError('held-by-policy', { scope: 'account', retry: 'never', detail: held[0] });
    // What is held is not written down as the person's own choice.
    this.#file.change(Object.fromEntries(Object.entries(patch).filter(([key]) => !(key in this.#held))));
    return this.#show();
  }

  #show(): Settings {
    this.apply();
    this.#send('settings.changed', this.settings);
    return this.settings;
  }
}
