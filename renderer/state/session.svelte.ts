import { isStoreFault, packError, type PackedError } from '../../shared/errors.ts';
import type { CallResult } from '../../shared/ipc/contract.ts';
import type { Account } from '../../shared/model/account.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import { settingsSchema, type Settings, type SettingsPatch } from '../../shared/model/settings.ts';
import type { EngineState, SideSyncState } from '../../shared/model/sync.ts';
import { call, listen } from '../api.ts';
import type { Words } from '../text/en.ts';
import { Formats, regionalLocale } from '../text/formats.ts';
import { languageOf, loadWords, type Language } from '../text/words.ts';

export type View = 'mail' | 'enrol' | 'settings' | 'reconcile';

const CLOCK_MS = 30_000;
/** What the window shows first is waited for this long before the frame is drawn without it. */
const EARLY_MS = 80;
const soon = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms));
/** One page of the list. */
export const FIRST_ROWS = 50;

/** What the whole window knows: a cache of the engine's answers, never the truth. */
class Session {
  info = $state({ version: '', platform: '', locale: navigator.language, isDemo: false, hasStore: false });
  settings = $state<Settings>(settingsSchema.parse({}));
  engine = $state<EngineState>({ phase: 'starting', error: null, lock: 'none' });
  accounts = $state.raw<readonly Account[]>([]);
  mailboxes = $state.raw<readonly ViewMailbox[]>([]);
  sync = $state.raw<readonly SideSyncState[]>([]);
  isLoaded = $state(false);
  /** The first rows of the inbox, until the list has taken them. */
  firstPage: CallResult<'overview.get'>['inbox'] = null;
  /** What is shown was kept from the last run. */
  isProvisional = false;
  #isAsking = false;
  /** States of the engine that came by themselves. */
  #statesHeard = 0;
  #isFirstRun = false;
  view = $state<View>('mail');
  error = $state<PackedError | null>(null);
  now = $state(Date.now());
  /** Raised when rows of these lists (all, when empty) may have changed. */
  changed = $state.raw<{ keys: readonly string[]; count: number }>({ keys: [], count: 0 });
  command = $state.raw<{ name: string; count: number }>({ name: '', count: 0 });
  isDarkSystem = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  #words = $state.raw<Words | null>(null);

  get language(): Language {
    return this.settings.language === 'system' ? languageOf(this.info.locale) : this.settings.language;
  }
  /** Resolves when the words of the language that is wanted now are there. */
  readonly spoken: Promise<void> = $derived(this.#speak(this.language));
  /** @throws TypeError before the first are there: nothing is drawn until then. */
  get words(): Words {
    // Whoever shows words has those of another language loaded as soon as that one is wanted.
    void this.spoken;
    if (this.#words === null) throw new TypeError('the words are not loaded');
    return this.#words;
  }
  formats: Formats = $derived(new Formats(regionalLocale(this.language, this.info.locale)));
  get theme(): 'light' | 'dark' {
    if (this.settings.theme !== 'system') return this.settings.theme;
    return this.isDarkSystem ? 'dark' : 'light';
  }

  /** Of two languages that are asked for at once the one that is still wanted stays. */
  async #speak(language: Language): Promise<void> {
    const words = await loadWords(language);
    if (this.#words === null || language === this.language) this.#words = words;
  }

  /** Begins listening and asks for everything. */
  async start(): Promise<void> {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => (this.isDarkSystem = event.matches));
    setInterval(() => (this.now = Date.now()), CLOCK_MS);
    listen('engine.state', (state) => {
      this.#statesHeard += 1;
      this.#engineChanged(state);
    });
    listen('sync.state', (states) => (this.sync = states));
    listen('messages.changed', ({ mailboxKeys }) => (this.changed = { keys: mailboxKeys, count: this.changed.count + 1 }));
    listen('mailboxes.changed', () => void this.loadMailboxes());
    listen('accounts.changed', () => void this.loadOverview());
    listen('policy.changed', (error) => error && (this.error = error));
    listen('settings.changed', (settings) => (this.settings = settings));
    listen('app.command', (name) => (this.command = { name, count: this.command.count + 1 }));
    // What was kept from the last run comes at once, and else an answer as soon as the engine runs.
    this.#isAsking = true;
    const overview = call('overview.get', { rows: FIRST_ROWS }).catch(() => null);
    await this.attempt(async () => {
      const heard = this.#statesHeard;
      const [info, settings, engine] = await Promise.all([call('app.info'), call('settings.get'), call('engine.state')]);
      // Drawn once with everything, where it comes in time: the bare frame first would cost more than it shows.
      const early = await Promise.race([overview, soon(EARLY_MS)]);
      this.info = info;
      this.settings = settings;
      await this.spoken;
      if (early) this.#show(early);
      // Meanwhile the keyring may have answered: what came since is newer than what was asked for.
      if (heard === this.#statesHeard) this.#engineChanged(engine);
    });
    await this.#firstOverview(overview);
  }

  #engineChanged(state: EngineState): void {
    const wasRunning = this.engine.phase === 'running';
    this.engine = state;
    // Something of this start that a person has to know, such as a damaged file that was mended.
    // A disk that refuses the store has a notice of its own, which lasts as long.
    if (state.phase === 'running' && state.error !== null && !isStoreFault(state.error.code)) this.error = state.error;
    if (state.phase === 'running' && (!wasRunning || !this.isLoaded) && !this.#isAsking) void this.loadOverview();
    // What is shown was kept from the last run, and the store it came from cannot be opened now: say so instead.
    if (this.isProvisional && (state.phase === 'failed' || state.phase === 'locked')) this.isLoaded = false;
  }

  /** Where the engine never runs there is none, and its state says why; where it does, it is asked again. */
  async #firstOverview(asked: Promise<CallResult<'overview.get'> | null>): Promise<void> {
    const overview = await asked;
    if (overview && !this.isLoaded) this.#show(overview);
    this.#isAsking = false;
    if (this.engine.phase === 'running' && (this.isProvisional || !this.isLoaded)) await this.loadOverview();
  }

  /** Everything that is shown first, in one answer. */
  async loadOverview(): Promise<void> {
    await this.attempt(async () => this.#show(await call('overview.get', { rows: FIRST_ROWS })));
  }

  /** The inbox's rows are left where the list finds them, or asked again where it shows some already. */
  #show({ accounts, sync, mailboxes, inbox, isProvisional }: CallResult<'overview.get'>): void {
    this.isProvisional = isProvisional;
    this.accounts = accounts;
    this.sync = sync;
    this.mailboxes = mailboxes;
    if (this.isLoaded) this.changed = { keys: [], count: this.changed.count + 1 };
    else this.firstPage = inbox;
    this.#loaded();
  }

  #loaded(): void {
    if (this.accounts.length === 0) this.view = 'enrol';
    // Enrolled meanwhile, here or by a file that IT left: there is nothing more to fill in.
    else if (this.#isFirstRun && this.view === 'enrol') this.view = 'mail';
    this.#isFirstRun = this.accounts.length === 0;
    this.isLoaded = true;
  }

  async loadMailboxes(): Promise<void> {
    await this.attempt(async () => {
      this.mailboxes = await call('mailboxes.list');
    });
  }

  async change(patch: SettingsPatch): Promise<void> {
    await this.attempt(async () => {
      this.settings = await call('settings.set', patch);
    });
  }

  /** Does something whose failure the person is told in the notice bar. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.error = packError(error);
      return false;
    }
  }
}

export const session = new Session();
