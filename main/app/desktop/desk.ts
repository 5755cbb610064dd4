import { app, nativeImage } from 'electron';
import path from 'node:path';
import { MailError } from '../../../shared/errors.ts';
import type { DesktopState, WindowRequest } from '../../../shared/ipc/calls/desktop.ts';
import type { EngineEventName } from '../../../shared/ipc/engine-port.ts';
import type { OutboxId } from '../../../shared/model/ids.ts';
import type { Settings } from '../../../shared/model/settings.ts';
import type { EngineState } from '../../../shared/model/sync.ts';
import { needsPerson } from '../../../shared/outbox-kind.ts';
import type { SendEvent } from '../events.ts';
import type { AppLog } from '../log-file.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { MainWindow } from '../main-window.ts';
import type { InboxLook } from './arrivals.ts';
import { obeyAtLogin, renewAutostart, setStartAtLogin, startsAtLogin } from './autostart.ts';
import { FactsReader, type Engine } from './facts-reader.ts';
import { noFacts, unreadOf, type Facts } from './facts.ts';
import { becomeMailProgram, isMailProgram } from './mail-program.ts';
import { readMailLink } from './mail-link.ts';
import { MailNews } from './mail-news.ts';
import { modeNews, outboxNews } from './news.ts';
import { mailNotice, modeNotice, outboxNotice, type Notice } from './notice-text.ts';
import { Notifier } from './notifier.ts';
import { hasTrayHost } from './tray-host.ts';
import { trayModel } from './tray-model.ts';
import { TrayView } from './tray-view.ts';
import { WindowRequests } from './window-requests.ts';
import { desktopWords, type DesktopWords } from './words.ts';

const PAUSE_MS = 3_600_000;
/** At log-in the panel may come after the programs. */
const HOST_LOOK_MS = 15_000;
/** Later than the policy is looked for at any start. */
const OBEY_AFTER_MS = 4_000;
const APP_USER_MODEL_ID = 'com.holdover.app';

export interface DeskParts {
  readonly engine: Engine;
  readonly window: MainWindow;
  readonly preferences: { readonly settings: Settings; readonly language: 'de' | 'en' };
  readonly settingsFile: { readonly isCloseTold: boolean; noteCloseTold(): void };
  readonly send: SendEvent;
  readonly log: AppLog;
  /** Folder of the tray's images. */
  readonly imageDir: string;
  readonly isDemo: boolean;
  /** What IT holds; loaded when it is asked for. */
  inForce(): Promise<Pick<PolicyInForce, 'section' | 'watch'>>;
  /** No window was opened at this start. */
  readonly isHidden: boolean;
}

/** The app's place on the desktop: icon in the panel, notifications, number of unread mail, what happens when its window closes. */
export class Desk {
  readonly #parts: DeskParts;
  readonly #reader: FactsReader;
  readonly #tray: TrayView;
  readonly #notifier: Notifier;
  readonly #requests: WindowRequests;
  readonly #mail: MailNews;
  #facts: Facts = noFacts;
  #hasTray = process.platform !== 'linux';
  #pausedUntil: number | null = null;
  #pauseTimer: NodeJS.Timeout | undefined;
  #isQuitting = false;
  /** IT's lease is over: nothing of mail, nor of what happens to it, is told. */
  #isClosed = false;
  /** Null before the first answer: what was so then is no news. */
  #troubled: ReadonlySet<OutboxId> | null = null;
  #modes: Facts['continuity'] | null = null;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#requests = new WindowRequests(() => {
      parts.window.show();
      parts.send('desktop.request', null);
    });
    const ask = (request: WindowRequest): void => this.#requests.add(request);
    this.#notifier = new Notifier(ask, parts.log);
    this.#mail = new MailNews((rows) => this.#notify(mailNotice(rows, parts.preferences.settings.notifyMail, this.#words)));
    this.#reader = new FactsReader(parts.engine, (facts, inboxes) => this.#onFacts(facts, inboxes));
    this.#tray = new TrayView(parts.imageDir, {
      open: () => parts.window.show(),
      newMail: () => ask({ kind: 'compose' }),
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      quit: () => app.quit(),
    });
  }

  /** Shows the icon, and from now on tells what happens. */
  start(): void {
    if (process.platform === 'win32') app.setAppUserModelId(APP_USER_MODEL_ID);
    app.on('before-quit', () => (this.#isQuitting = true));
    app.on('browser-window-focus', () => this.#mail.takeAway());
    if (!this.#parts.isDemo) renewAutostart(this.#words.localName);
    if (!this.#parts.isDemo) setTimeout(() => void this.#obey(), OBEY_AFTER_MS).unref();
    const look = (): void => void this.#lookForHost().then(() => this.#hasTray || setTimeout(look, HOST_LOOK_MS).unref());
    look();
    this.onState(this.#parts.engine.state());
  }

  onState(state: EngineState): void {
    this.#reader.onState(state);
    this.#isClosed = state.lock === 'lease-over';
    if (this.#isClosed) this.#mail.takeAway();
    // Without its key nothing is copied, and only a person can give it.
    if (this.#parts.isHidden && state.phase === 'locked' && !this.#isClosed && !this.#parts.window.current) this.#parts.window.show();
  }

  onEvent(name: EngineEventName, payload: unknown): void {
    this.#reader.onEvent(name, payload);
  }

  /** Language or kinds of notification may have changed. */
  onSettings(): void {
    this.#draw();
  }

  /** Whether the window that is about to close is only hidden; the first time that is told. */
  keepsRunning(): boolean {
    const { isDemo, preferences, settingsFile } = this.#parts;
    if (this.#isQuitting || isDemo || !preferences.settings.closeToTray) return false;
    if (!settingsFile.isCloseTold) {
      settingsFile.noteCloseTold();
      void this.#lookForHost().then(() => this.#tellStillRunning());
    }
    return true;
  }

  /** A link of another program is written from, once the window can. */
  takeLink(link: string | undefined): void {
    if (link === undefined) return;
    const { url, leftOut } = readMailLink(link) ?? { url: null, leftOut: [] };
    this.#parts.log.write('info', { ev: 'link.mailto', isRead: url !== null, leftOut: leftOut.join(' ') });
    this.#requests.add({ kind: 'mailto', link: url, leftOut: [...leftOut] });
  }

  /** The oldest request of the window, which is gone with that. */
  request(): WindowRequest | null {
    return this.#requests.take();
  }

  async state(): Promise<DesktopState> {
    await this.#lookForHost();
    const held = await this.#heldAtLogin();
    return {
      hasTray: this.#hasTray,
      canNotify: this.#notifier.isPossible,
      startsAtLogin: this.#parts.isDemo ? null : (held ?? startsAtLogin()),
      isMailProgram: this.#parts.isDemo ? null : isMailProgram(),
    };
  }

  /** @throws MailError `desktop-refused`, `held-by-policy` */
  async startAtLogin(isOn: boolean): Promise<DesktopState> {
    const held = await this.#heldAtLogin();
    if (held !== undefined && held !== isOn)
      throw new MailError('held-by-policy', { scope: 'account', retry: 'never', detail: 'startAtLogin' });
    setStartAtLogin(isOn, this.#words.localName);
    return this.state();
  }

  /** @throws MailError `desktop-refused` */
  async openMailto(): Promise<DesktopState> {
    if (!becomeMailProgram()) throw new MailError('desktop-refused', { scope: 'account', retry: 'ask', detail: 'mailto' });
    return this.state();
  }

  async #heldAtLogin(): Promise<boolean | undefined> {
    return (await this.#parts.inForce()).section('desktop')?.startAtLogin;
  }

  /** Starts at log-in as IT wants it, now and after each of its changes. What IT lets go of stays as it is, and is the person's again. */
  async #obey(): Promise<void> {
    const inForce = await this.#parts.inForce();
    const obey = (): void => {
      const isOn = inForce.section('desktop')?.startAtLogin;
      try {
        if (isOn !== undefined) obeyAtLogin(isOn, this.#words.localName);
      } catch (error) {
        this.#parts.log.write('warn', { ev: 'autostart.not-obeyed', code: (error as MailError).code });
      }
    };
    inForce.watch(obey);
    obey();
  }

  get #words(): DesktopWords {
    return desktopWords[this.#parts.preferences.language];
  }

  /** The regional form where the computer speaks the language of the app. */
  get #locale(): string {
    const [language, system] = [this.#parts.preferences.language, app.getLocale()];
    return system.toLowerCase().startsWith(language) ? system : language === 'de' ? 'de-DE' : 'en-GB';
  }

  async #lookForHost(): Promise<void> {
    const had = this.#hasTray;
    this.#hasTray = await hasTrayHost(process.platform);
    if (this.#hasTray !== had || this.#hasTray) this.#draw();
  }

  #onFacts(facts: Facts, inboxes: readonly InboxLook[] | null): void {
    const before = this.#facts;
    this.#facts = facts;
    this.#draw();
    if (unreadOf(facts) !== unreadOf(before)) this.#count(unreadOf(facts));
    if (inboxes) this.#mail.look(inboxes);
    if (facts.continuity !== before.continuity) this.#tellModes(facts.continuity);
    if (facts.outbox !== before.outbox) this.#tellOutbox(facts.outbox);
  }

  #draw(): void {
    if (!this.#hasTray) return this.#tray.remove();
    const times = { now: Date.now(), locale: this.#locale, pausedUntil: this.#pausedUntil };
    this.#tray.show(trayModel(this.#facts, this.#words, times), this.#words, this.#locale);
  }

  #count(unread: number): void {
    if (process.platform !== 'win32') return void app.setBadgeCount(unread);
    const image = unread === 0 ? null : nativeImage.createFromPath(path.join(this.#parts.imageDir, 'unread-16.png'));
    this.#parts.window.current?.setOverlayIcon(image, unread === 0 ? '' : this.#words.unread(unread));
  }

  #tellModes(states: Facts['continuity']): void {
    const news = modeNews(this.#modes, states);
    this.#modes = states;
    if (this.#parts.preferences.settings.notifyState) for (const one of news) this.#notify(modeNotice(one, this.#words));
  }

  #tellOutbox(items: Facts['outbox']): void {
    const isFirst = this.#troubled === null;
    const news = outboxNews(this.#troubled ?? new Set(), items);
    this.#troubled = new Set(items.filter(needsPerson).map(({ id }) => id));
    // What had to be looked at when the app started is shown in its window, where there is one.
    if ((isFirst && this.#parts.window.current) || !this.#parts.preferences.settings.notifyState) return;
    this.#notify(outboxNotice(news, this.#parts.preferences.settings.notifyMail, this.#words));
  }

  #tellStillRunning(): void {
    const { stillRunning: title, stillRunningTray, stillRunningNoTray } = this.#words;
    this.#notifier.show({ title, body: this.#hasTray ? stillRunningTray : stillRunningNoTray, opens: { kind: 'inbox' } });
  }

  /** Who looks at the window needs no second word. */
  #notify(notice: Notice | null): () => void {
    const window = this.#parts.window.current;
    const isInUse = window !== null && window.isVisible() && !window.isMinimized() && window.isFocused();
    if (notice === null || this.#isClosed || this.#pausedUntil !== null || isInUse) return () => undefined;
    return this.#notifier.show(notice);
  }

  #pause(): void {
    this.#pausedUntil = Date.now() + PAUSE_MS;
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => this.#resume(), PAUSE_MS);
    this.#draw();
  }

  #resume(): void {
    clearTimeout(this.#pauseTimer);
    this.#mail.passOver();
    this.#pausedUntil = null;
    this.#draw();
  }
}
