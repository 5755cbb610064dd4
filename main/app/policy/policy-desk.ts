import type { ParsedArgs } from '../../../shared/ipc/contract.ts';
import type { Account, AccountConfig } from '../../../shared/model/account.ts';
import type { SignInState } from '../../../shared/model/sign-in.ts';
import type { Settings } from '../../../shared/model/settings.ts';
import type { ProxyWays } from '../../../shared/model/proxy.ts';
import type { Policy } from '../../../shared/policy/schema.ts';
import type { PolicyFault, PolicyState } from '../../../shared/policy/state.ts';
import { app, type WebContents } from 'electron';
import { MailError, packError, type PackedError } from '../../../shared/errors.ts';
import { policyInvalid } from '../../policy/fault.ts';
import { policyPlaces, testPlace, type PolicyPlace } from '../../policy/places.ts';
import type { Way } from '../../policy/post-json.ts';
import { findAttributes } from '../../policy/user-attributes.ts';
import { prepareAccounts, type PreparedAccount } from '../../policy/prepare-accounts.ts';
import type { EngineService } from '../engine-service.ts';
import type { SendEvent } from '../events.ts';
import type { LogFile } from '../log-file.ts';
import type { Preferences } from '../preferences.ts';
import { LeaseDesk } from '../lease/lease-desk.ts';
import { deliverEscrow } from './escrow-delivery.ts';
import type { RunningReadiness } from '../readiness/start-readiness.ts';
import { dueTemplate, followers } from './account-templates.ts';
import { AppLock, type LockRules } from './app-lock.ts';
import { asksOf, preparedSecrets } from './prepared-secrets.ts';
import { heldOfAccounts, heldSettings } from './held-settings.ts';
import { keptStateFile, type KeptStateFile } from './kept-state.ts';
import { PolicyInForce } from './policy-in-force.ts';
import { RolloutDesk } from './rollout-desk.ts';

const AGAIN_MS = 10 * 60_000;
/** A share is there a while after the log-in to the system. */
const AWAY_AGAIN_MS = 60_000;

export interface PolicyDeskOptions {
  readonly engine: EngineService;
  readonly preferences: Pick<Preferences, 'hold' | 'language' | 'settings'>;
  readonly log: LogFile;
  readonly send: SendEvent;
  /** The page of the window, while there is one. */
  readonly contents: () => WebContents | null;
  readonly profileDir: string;
  readonly keptFile: string;
  /** Folder of the installed app's resources; null in a run that is not installed. */
  readonly resourcesDir: string | null;
  /** A policy file for tests; only a run that is not installed may have one. */
  readonly testFile: string | undefined;
}

/** Carries out in the app what IT holds: settings, log, accounts. */
export class PolicyDesk {
  readonly inForce: PolicyInForce;
  readonly #options: PolicyDeskOptions;
  readonly #kept: KeptStateFile;
  #applying: Promise<void> = Promise.resolve();
  readonly #rollout: RolloutDesk;
  #rolloutFaults: readonly PolicyFault[] = [];
  #shown = '[[],[]]';
  #prepared: readonly PreparedAccount[] = [];
  #released: readonly string[] = [];
  #isRunning = false;
  #readiness: Promise<RunningReadiness | null> | null = null;
  readonly #lock: AppLock;
  readonly #lease: LeaseDesk;

  constructor(options: PolicyDeskOptions) {
    this.#options = options;
    this.#kept = keptStateFile(options.keptFile, options.log);
    this.inForce = new PolicyInForce({
      places: placesOf(options),
      kept: this.#kept,
      log: options.log,
      onChange: (policy, faults) => this.#changed(policy, faults),
    });
    const { engine, log, contents, profileDir } = options;
    this.#rollout = new RolloutDesk(this.inForce, log);
    this.#lease = new LeaseDesk({ engine, inForce: this.inForce, profileDir, log, contents });
    this.#lock = new AppLock({ engine, log, contents, rules: () => this.#lockRules(), onLocked: () => this.#closed() });
  }

  async start(): Promise<void> {
    await this.inForce.start();
    // A place that did not take the recovery key is tried again.
    setInterval(() => this.#isRunning && this.#applySoon(), AGAIN_MS).unref();
    void app.whenReady().then(() => {
      this.#lock.watch();
      this.#lease.watch();
    });
  }

  #lockRules(): LockRules {
    const { lockAfterIdleMinutes: afterIdleMinutes, lockOnSystemLock: onSystemLock } = this.#options.preferences.settings;
    return { afterIdleMinutes, onSystemLock, onSuspend: this.inForce.section('lock')?.onSuspend ?? false };
  }

  #closed(): void {
    this.#isRunning = false;
    this.#lease.keysClosed();
    this.inForce.keysClosed();
  }

  stop(): void {
    void this.#readiness?.then((one) => one?.end());
    this.#lock.stop();
    this.inForce.stop();
  }

  /** The store was opened. */
  keysOpened(key: Uint8Array): void {
    this.inForce.keysOpened(key);
    this.#lease.keysOpened();
  }

  /** The engine runs, and takes what IT holds of its accounts. */
  engineRuns(): void {
    this.#isRunning = true;
    this.#lease.engineRuns();
    this.#applySoon();
  }

  /** By which ways a server is reached. */
  readonly findProxy = async (host: string, port: number): Promise<ProxyWays> => {
    const network = this.inForce.section('network');
    if (network?.proxy === undefined) return [null];
    const { findProxy } = await import('../../policy/find-proxy.ts');
    return findProxy(network, { host, port }, (url) => app.resolveProxy(url));
  };

  /** How a server of the company's own is reached. */
  readonly wayToCompany = (): Promise<Way> =>
    Promise.resolve({ proxies: { find: this.findProxy }, caFile: this.inForce.section('network')?.caFile });

  async state(): Promise<PolicyState> {
    await this.#applying;
    return {
      ...this.inForce.state,
      faults: [...this.inForce.state.faults, ...this.#rolloutFaults],
      released: [...this.#released],
      accounts: this.#prepared.map(({ email, config, missing }) => ({
        email,
        asks: asksOf(config),
        missing,
      })),
    };
  }

  /** Enrols an account that IT has prepared. @throws MailError not-found, and what the engine says of the log-in */
  async enrol(given: ParsedArgs<'policy.enrol'>[0]): Promise<null> {
    const config = await this.#configOf(given.email);
    const secrets = preparedSecrets(config, given);
    const { proveLogins } = await import('./prove-logins.ts');
    await proveLogins(this.#options.engine, config, secrets);
    await this.#options.engine.call('accounts.enrol', [{ config, secrets }]);
    this.#applySoon();
    await this.#applying;
    return null;
  }

  /** Begins the sign-in that a prepared account asks for. @throws MailError not-found, and those of the provider */
  async signIn({ email, ...way }: ParsedArgs<'policy.signIn'>[0]): Promise<SignInState> {
    const config = await this.#configOf(email);
    return (await this.#options.engine.call('signIn.begin', [{ ...way, of: { config } }])) as SignInState;
  }

  async #configOf(email: string): Promise<AccountConfig> {
    await this.#applying;
    const config = this.#prepared.find((one) => one.email === email)?.config;
    if (config) return config;
    throw new MailError('not-found', { scope: 'account', retry: 'never', detail: 'no such prepared account' });
  }

  #changed(policy: Policy, faults: readonly PolicyFault[]): void {
    const { preferences, log } = this.#options;
    preferences.hold(heldSettings(policy) as Partial<Settings>);
    log.setLevel(policy.log?.level ?? 'info');
    if (faults.length > 0)
      process.stderr.write(`policy refused: ${faults.map(({ path, what }) => `${path || 'the policy'}: ${what}`).join('; ')}\n`);
    void this.#obeyWipe();
    this.#lease.policyChanged();
    if (policy.readiness !== undefined) this.#tellReadiness();
    if (this.#isRunning) this.#applySoon();
    void this.#applying.then(() => this.#tell(faults.length > 0 ? packError(policyInvalid(faults)) : null));
  }

  /** A page that is still being loaded does not listen yet, and would not learn of it. */
  #tell(fault: PackedError | null): void {
    const page = this.#options.contents();
    const tell = (): void => this.#options.send('policy.changed', fault);
    if (page?.isLoading()) page.once('did-finish-load', tell);
    else tell();
  }

  async #obeyWipe(): Promise<void> {
    const { engine, log, profileDir, preferences } = this.#options;
    if (this.inForce.section('wipe') === undefined) return;
    const { obeyWipe } = await import('./wipe-orders.ts');
    const stopEngine = (ms: number) => engine.stop(ms);
    const parts = { profileDir, log, way: this.wayToCompany, language: () => preferences.language, stopEngine };
    await obeyWipe(this.inForce.section('wipe'), parts);
  }

  /** Loaded where IT wants it, once; what is told and where to is looked up each time. */
  #tellReadiness(): void {
    const { engine, profileDir, log } = this.#options;
    const lease = () => this.#lease.report;
    this.#readiness ??= import('../readiness/start-readiness.ts')
      .then(({ startReadiness }) =>
        startReadiness({ engine, inForce: this.inForce, profileDir, log, proxies: { find: this.findProxy }, lease }),
      )
      .catch((error: unknown) => {
        log.write('warn', { ev: 'readiness.not-started', code: packError(error).code });
        return (this.#readiness = null);
      });
    void this.#readiness.then((one) => one?.look());
  }

  /** Tried again at every look, until it was taken. */
  async #deliverEscrow(): Promise<void> {
    const { engine, profileDir, log } = this.#options;
    if (engine.storeKey !== null)
      await deliverEscrow({ inForce: this.inForce, profileDir, storeKey: engine.storeKey, log, proxies: { find: this.findProxy } });
  }

  /** One after the other: two at once would undo each other's work. */
  #applySoon(): void {
    this.#applying = this.#applying
      .then(() => this.#apply())
      .catch((error: unknown) => {
        this.#options.log.write('error', { ev: 'policy.not-applied', code: packError(error).code });
      });
  }

  #noteFollowers(accounts: readonly Account[], prepared: readonly PreparedAccount[], isRead: boolean): void {
    const before = this.inForce.keptState()?.followed ?? [];
    const { followed, released } = followers(accounts, prepared, before, isRead);
    this.#released = released;
    if (followed.join() !== before.join()) this.inForce.changeKept({ followed });
  }

  async #apply(): Promise<void> {
    const { policy } = this.inForce;
    const folder = (this.#options.resourcesDir === null ? process.env['HOLDOVER_TEST_ROLLOUT'] : undefined) ?? policy.enrolment?.folder;
    // Where there never was a policy, what an enrolment file said holds.
    if (Object.keys(policy).length === 0 && !this.#kept.exists && folder === undefined) return;
    await this.#deliverEscrow();
    const attributes = policy.accounts === undefined && folder === undefined ? {} : await findAttributes();
    const rollout = await this.#rollout.look(folder ?? null, attributes);
    if (rollout.isAway) setTimeout(() => this.#isRunning && this.#applySoon(), AWAY_AGAIN_MS).unref();
    const prepared = allPrepared(rollout.prepared, prepareAccounts(policy, attributes));
    await this.#enrolGiven(prepared);
    const accounts = (await this.#options.engine.behind.call('accounts.list', [])) as readonly Account[];
    for (const account of accounts) await this.#hold(account, prepared);
    this.#noteFollowers(accounts, prepared, rollout.isKnown);
    this.#prepared = notEnrolled(accounts, prepared);
    this.#show(rollout.faults);
  }

  /** What IT holds of an account, and what its template or its enrolment file says. */
  async #hold(account: Account, prepared: readonly PreparedAccount[]): Promise<void> {
    const { email, managed } = account.config;
    const wanted = prepared.find((one) => one.email.toLowerCase() === email.toLowerCase());
    const held = { ...wanted?.config?.managed, ...heldOfAccounts(this.inForce.policy) };
    const template = dueTemplate(account, prepared);
    const own = wanted?.own ?? null;
    const isHeld = JSON.stringify(sorted(managed)) === JSON.stringify(sorted(held));
    // The engine knows what a file said the last time.
    if (!isHeld || template || own)
      await this.#options.engine.setPolicy(email, { managed: held, template, own, secrets: wanted?.secrets ?? null });
  }

  /** Where the file of a person brings what a log-in needs, nobody is asked. */
  async #enrolGiven(prepared: readonly PreparedAccount[]): Promise<void> {
    const { engine, log } = this.#options;
    const accounts = (await engine.behind.call('accounts.list', [])) as readonly Account[];
    for (const { config, secrets } of notEnrolled(accounts, prepared)) {
      if (!config || !secrets) continue;
      // A keyring that refuses keeps nobody from what IT holds of the other accounts; it is asked again at the next look.
      await engine.behind
        .call('accounts.enrol', [{ config, secrets }])
        .catch((error: unknown) => log.write('warn', { ev: 'rollout.not-enrolled', code: packError(error).code }));
    }
  }

  /** Tells the window of accounts that came or went with the folder, and once of each of its faults. */
  #show(faults: readonly PolicyFault[]): void {
    const isNewFault = faults.length > 0 && JSON.stringify(faults) !== JSON.stringify(this.#rolloutFaults);
    this.#rolloutFaults = faults;
    const shown = JSON.stringify([this.#prepared.map(({ email, missing }) => [email, missing]), faults]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#tell(isNewFault ? packError(policyInvalid(faults)) : null);
  }
}

/** Of an address that stands in both, what the folder says of this one person counts. */
const allPrepared = (own: readonly PreparedAccount[], templates: readonly PreparedAccount[]): PreparedAccount[] => [
  ...own,
  ...templates.filter(({ email }) => !own.some((one) => one.email.toLowerCase() === email.toLowerCase())),
];

function notEnrolled(accounts: readonly Account[], prepared: readonly PreparedAccount[]): PreparedAccount[] {
  const enrolled = new Set(accounts.map(({ config }) => config.email.toLowerCase()));
  return prepared.filter(({ email }) => !enrolled.has(email.toLowerCase()));
}

const sorted = (value: object): [string, unknown][] => Object.entries(value).sort(([a], [b]) => a.localeCompare(b));

function placesOf({ resourcesDir, testFile }: PolicyDeskOptions): PolicyPlace[] {
  if (testFile !== undefined) return [testPlace(testFile)];
  return policyPlaces({ platform: process.platform, env: process.env, resourcesDir });
}
