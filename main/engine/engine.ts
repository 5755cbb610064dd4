import { isDeepStrictEqual } from 'node:util';
import { MailError, unpackError, type PackedError } from '../../shared/errors.ts';
import type { Account, AccountConfig, AccountLosses, AccountSecrets, Retention, Secret, Side } from '../../shared/model/account.ts';
import { changeContinuity, heldRetention, type ContinuityConfig, type ContinuityPolicy } from '../../shared/model/continuity-config.ts';
import type { OwnFields } from '../../shared/model/account-template.ts';
import type { AccountId, MailboxId } from '../../shared/model/ids.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { EventPayload } from '../../shared/ipc/events.ts';
import type { EngineEventName } from '../../shared/ipc/engine-port.ts';
import { noteReceived, noteRestores, ruleChanges } from './audit-facts.ts';
import { createJournal, type AuditJournal } from './audit/journal.ts';
import { AccountMirror, sidesOf } from './account-mirror.ts';
import { AccountRemovals } from './account-removals.ts';
import { Actions } from './actions.ts';
import { CredentialProvider } from './auth/credential-provider.ts';

import type { SignIns } from './auth/sign-in/sign-ins.ts';
import { followed, held, lendSecret, noteGiven, storeMissing, type Template } from './follow-template.ts';
import { Throttle } from './core/throttle.ts';
import type { EngineDeps } from './deps.ts';
import { storeSecrets, sumLosses } from './account-parts.ts';
import type { CycleResult } from './mirror/cycle.ts';
import { createEngineStore, type EngineStore } from './store/engine-store.ts';
import type { ProfileStores } from './store/open-profile.ts';
import { Mirrors } from './mirrors.ts';
import { createFeatures, type Features } from './features.ts';
import { StoreHealth } from './store-health.ts';
import { UnsentNote } from './unsent-note.ts';

export type EngineEventListener = <N extends EngineEventName>(name: N, payload: EventPayload<N>) => void;

export interface EngineOptions {
  readonly deps: EngineDeps;
  /** The open stores of the profile; the engine closes them on stop. */
  readonly stores: ProfileStores;
  readonly onEvent: EngineEventListener;
  /** Called after each durable step with its name; crash tests stop the process there. */
  readonly step?: (name: string) => void;
}

/** The window is told at most this often that lists or states changed. */
const EVENT_MS = 250;

/** The product's core: accounts, their mirrors, and the questions and commands of the window and the command line. */
export class ContinuityEngine {
  readonly deps: EngineDeps;
  readonly store: EngineStore;
  readonly credentials: CredentialProvider;
  readonly features: Features;
  readonly journal: AuditJournal;
  /** What the person does with mail. */
  readonly actions: Actions;
  readonly #mirrors = new Mirrors(
    (id) => this.#makeMirror(id),
    (id) => !this.store.removal.isBegun(id),
  );
  readonly #removals: AccountRemovals;
  readonly #onEvent: EngineEventListener;
  readonly #unsent: UnsentNote;
  readonly #step: (name: string) => void;
  readonly #changed = new Set<MailboxId>();
  #isAllChanged = false;
  readonly #lists: Throttle;
  readonly #states: Throttle;
  readonly #ops: Throttle;
  #health: StoreHealth | null = null;
  #signIns: Promise<SignIns> | null = null;

  constructor({ deps, stores, onEvent: tell, step }: EngineOptions) {
    this.deps = deps;
    this.store = createEngineStore(stores.handle, stores.outboxHandle);
    this.journal = createJournal(this.store, deps.clock);
    this.credentials = new CredentialProvider({ secrets: deps.secrets, clock: deps.clock, proxies: deps.proxies });
    this.#unsent = new UnsentNote(deps, () => this.#allLosses());
    const onEvent: EngineEventListener = (name, payload) => {
      tell(name, payload);
      this.#unsent.after(name);
    };
    this.#onEvent = onEvent;
    this.#step = step ?? (() => undefined);
    this.#lists = new Throttle(deps.clock, EVENT_MS, () => this.#tellLists());
    this.#states = new Throttle(deps.clock, EVENT_MS, () => onEvent('sync.state', this.syncStates()));
    this.#ops = new Throttle(deps.clock, EVENT_MS, () => onEvent('actions.changed', null));
    this.actions = new Actions({
      ...{ store: this.store, clock: deps.clock },
      onListsChanged: (ids) => this.#noteListsChanged(ids),
      onChanged: () => this.#ops.trigger(),
      replaySoon: () => this.#replayNow(),
      onRestore: (entries) => noteRestores(this.journal, this.store, entries),
    });
    this.features = createFeatures({
      ...{ deps, onEvent, store: this.store, credentials: this.credentials, step: this.#step, journal: this.journal },
      recordMark: (...mark) => void this.actions.recordMark(...mark),
      settleLost: (...lost) => void this.actions.settleLost(...lost),
      noteListsChanged: (ids) => this.#noteListsChanged(ids),
      wake: (id, side) => this.#mirrors.get(id)?.replayNow(side),
      look: (id, side) => this.#mirrors.get(id)?.syncNow(side),
      states: () => this.syncStates(),
    });
    this.#removals = new AccountRemovals({
      ...{ deps, store: this.store, journal: this.journal, mirrors: this.#mirrors, step: this.#step },
      ...{ features: () => this.features.all, onLess: () => this.#noteListsChanged([]), onGone: () => onEvent('accounts.changed', null) },
    });
  }

  /** Tells when the disk refuses a store, and goes on with everything as soon as it takes what is written again. */
  watchDisk(onChange: (fault: PackedError | null) => void, onStale: () => void): StoreHealth {
    const { clock, log } = this.deps;
    const changed = (fault: PackedError | null) => {
      onChange(fault);
      if (fault === null) this.syncNow();
    };
    return (this.#health = new StoreHealth({
      clock,
      log,
      stores: [this.store.handle, this.store.outboxHandle],
      onChange: changed,
      onStale,
    }));
  }

  /** Tries a disk that refused the store again now. */
  retryStore(): void {
    this.#health?.retry();
  }

  /** Starts mirroring every account. */
  start(): void {
    this.journal.append('opened', null, { accounts: this.store.accounts.list().length });
    this.#unsent.write();
    for (const one of this.features.all) one.start?.();
    this.#removals.start();
    this.#mirrors.start(this.store.removal.staying());
  }

  /** The machine's own network came or went, or is another one. */
  networkChanged(isOnline: boolean, hasMoved = false): void {
    for (const one of this.features.all) one.networkChanged?.(isOnline, hasMoved);
    if (isOnline) this.syncNow();
  }

  /** The machine goes to sleep, or woke up. */
  powerChanged(isSuspended: boolean): void {
    for (const one of this.features.all) one.powerChanged?.(isSuspended);
    if (!isSuspended) this.syncNow();
  }

  /** Ends all work in hand and closes the store. */
  async stop(): Promise<void> {
    this.#health?.stop();
    (await this.#signIns)?.stop();
    await this.#removals.stop();
    for (const one of this.features.all) await one.stop?.();
    await this.#mirrors.stop();
    this.#lists.cancel();
    this.#states.cancel();
    this.#ops.cancel();
    await this.deps.ingest.close();
    this.#unsent.write();
    this.store.handle.close();
    this.store.outboxHandle.close();
  }

  syncStates(): SideSyncState[] {
    return this.#mirrors.all.flatMap((mirror) => mirror.states);
  }

  /** Looks at every side now: by request, after resume, when the network came back. */
  syncNow(): void {
    for (const mirror of this.#mirrors.all) mirror.syncNow();
  }

  /**
   * An account whose passwords are gone (its key was recovered without the old keyring) takes the new ones, and keeps what is here.
   * @param secrets null where the person has yet to give them: until then the account says that they are missing
   * @throws MailError account-exists; keyring errors, and then nothing is enrolled.
   */
  async enrol(config: AccountConfig, secrets: AccountSecrets | null): Promise<Account> {
    const known = this.store.accounts.list().find((one) => one.config.email === config.email);
    if (known && !this.store.removal.isBegun(known.id) && (await this.deps.secrets.get(known.id, 'primary', 'imap')) === null)
      return this.#enrolAgain(known, config, secrets);
    const account = this.store.accounts.add(config, this.deps.clock.now());
    try {
      for (const side of sidesOf(account)) await storeSecrets(this.deps.secrets, account.id, side, secrets);
    } catch (error) {
      // Work may have begun while the keyring was asked.
      await this.#mirrors.remove(account.id);
      this.features.monitor.accountRemoved(account.id);
      this.store.accounts.remove(account.id);
      throw error;
    }
    this.journal.append('account-added', config.email, { hasRelay: config.relay !== null });
    for (const one of this.features.all) one.accountAdded?.(account.id);
    await this.#mirrors.restart(account.id);
    this.#onEvent('accounts.changed', null);
    return account;
  }

  async #enrolAgain({ id, config: known }: Account, given: AccountConfig, secrets: AccountSecrets | null): Promise<Account> {
    // What IT holds stays held when a person adds the account anew.
    const config = Object.keys(given.managed).length > 0 ? given : { ...given, managed: known.managed };
    for (const side of sidesOf({ id, config })) await storeSecrets(this.deps.secrets, id, side, secrets);
    await this.#restartMirror(id, () => void this.store.accounts.update(id, config));
    this.#onEvent('accounts.changed', null);
    return this.store.accounts.get(id);
  }

  /** @param change done while nothing of the account runs */
  #restartMirror(id: AccountId, change: () => void = () => undefined): Promise<void> {
    return this.#mirrors.restart(id, () => {
      change();
      this.features.monitor.configChanged(id);
    });
  }

  /** Loaded when somebody signs in. */
  signIns(): Promise<SignIns> {
    return (this.#signIns ??= import('./auth/sign-in/sign-ins.ts').then((one) => new one.SignIns(this.deps)));
  }

  /**
   * Somebody has signed in anew for a side of an account: the tokens or the password are kept, then its servers are asked with them.
   * @throws MailError account-missing; keyring errors, and then the old ones are still there
   */
  async signedIn(id: AccountId, side: Side, secret: Secret): Promise<void> {
    this.store.accounts.get(id);
    await this.credentials.replace(id, side, secret);
    if (this.#mirrors.isRunning) await this.#restartMirror(id);
  }

  /** Changes how long mail is kept; the next cycle widens or narrows the window. @throws MailError held-by-policy */
  setRetention(id: AccountId, retention: Retention): Account {
    const { config } = this.store.accounts.get(id);
    const held = heldRetention(config.managed);
    const refused = Object.entries(held).find(([kind, days]) => retention[kind as keyof Retention] !== days);
    if (refused) throw new MailError('held-by-policy', { scope: 'account', retry: 'never', detail: refused[0] });
    const account = this.store.accounts.update(id, { ...config, retention });
    this.#notePolicy(config, account.config);
    this.#mirrors.get(id)?.syncNow();
    this.#onEvent('accounts.changed', null);
    return account;
  }

  /**
   * Changes how an account behaves in an outage, and what is put below new mail.
   * @throws MailError held-by-policy; the detail names the value that IT holds
   */
  configureContinuity(id: AccountId, wanted: ContinuityConfig, signature: string): Account {
    const { config } = this.store.accounts.get(id);
    const continuity = changeContinuity(config, wanted);
    if (typeof continuity === 'string') throw new MailError('held-by-policy', { scope: 'account', retry: 'never', detail: continuity });
    return this.#reconfigure(id, { ...config, continuity, signature });
  }

  /**
   * IT holds these values of an account's behaviour from now on, and no others.
   * @param own of its enrolment file: what is another there than the last time is taken. @throws MailError account-missing
   */
  setPolicy(email: string, managed: ContinuityPolicy, own: OwnFields | null = null): Account {
    const account = this.#byEmail(email);
    const config = held(this.store.meta, account, managed, own);
    const isNew = !isDeepStrictEqual(config, account.config);
    if (isNew) this.#reconfigure(account.id, config);
    if (own) noteGiven(this.store.meta, account.id, own);
    return isNew ? this.store.accounts.get(account.id) : account;
  }

  /**
   * An account follows its template: other servers, users, mailboxes. The mirror, the mode, what waits and the secrets stay; only a relay
   * that is new takes the password of the primary, as it does at the enrolment, where none is given for it.
   * @param given of its enrolment file, for sides that have no secret. @throws MailError account-missing; keyring errors
   */
  async followTemplate(email: string, template: Template, given: AccountSecrets | null = null): Promise<Account> {
    const account = this.#byEmail(email);
    const config = followed(account.config, template);
    const isGiven = given !== null && (await storeMissing(this.deps.secrets, account.id, given));
    if (config === null) {
      if (isGiven) await this.#restartMirror(account.id);
      return account;
    }
    await lendSecret(this.deps.secrets, account, config);
    await this.#mirrors.restart(account.id, () => {
      this.features.monitor.accountRemoved(account.id);
      this.#reconfigure(account.id, config);
      this.features.monitor.accountAdded(account.id);
    });
    return this.store.accounts.get(account.id);
  }

  #byEmail(email: string): Account {
    const account = this.store.accounts.list().find((one) => one.config.email.toLowerCase() === email.toLowerCase());
    if (!account) throw new MailError('account-missing', { scope: 'account', retry: 'never' });
    return account;
  }

  #reconfigure(id: AccountId, config: AccountConfig): Account {
    const before = this.store.accounts.get(id).config;
    const account = this.store.accounts.update(id, config);
    this.#notePolicy(before, account.config);
    this.features.monitor.configChanged(id);
    this.#mirrors.get(id)?.syncNow();
    this.#onEvent('accounts.changed', null);
    return account;
  }

  /** Which of an account's rules changed, and who holds them. */
  #notePolicy(before: AccountConfig, { email, ...after }: AccountConfig): void {
    const facts = ruleChanges(before, after);
    if (Object.keys(facts).length > 0) this.journal.append('policy-changed', email, facts);
  }

  /** What would be lost with an account. @throws MailError account-missing */
  lossesOf(id: AccountId): AccountLosses {
    this.store.accounts.get(id);
    const { outbox, compose } = this.features;
    const changes = this.store.ops.countOpen(id) + outbox.countUncopied(id);
    return { mails: outbox.countUnsent(id), drafts: compose.countUnfiled(id), changes };
  }

  #allLosses(): AccountLosses {
    return sumLosses(this.store.accounts.list().map(({ id }) => this.lossesOf(id)));
  }

  /**
   * Stops mirroring an account and removes its local copy and secrets. Nothing happens on any server.
   * @param acceptLosses a person has been told what would be lost, and wants it so
   * @throws MailError account-missing, account-has-unsent
   */
  async removeAccount(id: AccountId, acceptLosses = false): Promise<void> {
    const hasLosses = Object.values(this.lossesOf(id)).some((count) => count > 0);
    if (hasLosses && !acceptLosses) throw new MailError('account-has-unsent', { scope: 'account', retry: 'ask' });
    await this.#removals.remove(id, acceptLosses);
  }

  #replayNow(): void {
    for (const mirror of this.#mirrors.all) mirror.replayNow();
  }

  /** One complete look at all sides of all accounts, for the command line. */
  async mirrorOnce(): Promise<{ accountId: AccountId; side: Side; result: CycleResult | null; error: unknown }[]> {
    const runs = this.store.removal.staying().map(async (id) => {
      return (await this.#mirrors.once(id).runOnce()).map((one) => ({ accountId: id, ...one }));
    });
    return (await Promise.all(runs)).flat();
  }

  #makeMirror(accountId: AccountId): AccountMirror {
    const { deps, store, credentials } = this;
    const onListsChanged = (ids: readonly MailboxId[]) => this.#noteListsChanged(ids);
    return new AccountMirror({
      ...{ deps, store, credentials, accountId, onListsChanged },
      onDeliveryReport: (report, at) => this.features.outbox.noteReport(accountId, report, at),
      onReceived: (mailbox, count) => noteReceived(this.journal, store, accountId, mailbox, count),
      onState: (state) => {
        this.#states.trigger();
        if (state.error) this.#health?.note(unpackError(state.error));
        for (const one of this.features.all) one.sideChanged?.(state);
      },
      onAlert: (side, text) => this.features.alerts.note(accountId, side, text),
      mayReplay: () => this.features.mayReplay(accountId),
      awaitsPrimary: (entryId) => this.features.awaitsPrimary(entryId),
      onOpsSettled: () => this.#ops.trigger(),
      jobs: (side) => this.features.all.flatMap((one) => one.jobs?.(accountId, side) ?? []),
      step: this.#step,
    });
  }

  #noteListsChanged(ids: readonly MailboxId[]): void {
    if (ids.length === 0) this.#isAllChanged = true;
    for (const id of ids) this.#changed.add(id);
    this.#lists.trigger();
  }

  #tellLists(): void {
    const mailboxKeys = this.#isAllChanged ? [] : [...this.#changed].map(String);
    this.#isAllChanged = false;
    this.#changed.clear();
    this.#onEvent('messages.changed', { mailboxKeys });
    this.#onEvent('mailboxes.changed', null);
  }
}
