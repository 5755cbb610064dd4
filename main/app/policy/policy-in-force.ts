import { unwatchFile, watchFile } from 'node:fs';
import type { Policy, PolicySection } from '../../../shared/policy/schema.ts';
import type { PolicyFault, PolicyState } from '../../../shared/policy/state.ts';
import type { PolicyPlace } from '../../policy/places.ts';
import { readPolicy, type PolicySource } from '../../policy/read-policy.ts';
import type { AppLog } from '../log-file.ts';
import { heldNames } from './held-settings.ts';
import type { KeptState, KeptStateFile } from './kept-state.ts';

export interface PolicyOptions {
  readonly places: readonly PolicyPlace[];
  readonly kept: KeptStateFile;
  readonly log: AppLog;
  /** Something of the policy is another, or it became wrong or right. */
  readonly onChange: (policy: Policy, faults: readonly PolicyFault[]) => void;
  /** How often places are looked at which tell nothing of a change, milliseconds. */
  readonly lookMs?: number;
}

const LOOK_MS = 20_000;
const FILE_LOOK_MS = 2_000;

/**
 * What IT holds now. Read anew when a file of it changes, and every `lookMs`; a wrong one is told and leaves the last right one in
 * force, that of an earlier run included as soon as the store's key is known.
 */
export class PolicyInForce {
  readonly #options: PolicyOptions;
  #policy: Policy = {};
  #from: PolicySource = {};
  #faults: readonly PolicyFault[] = [];
  #key: Uint8Array | null = null;
  /** The newest reading is what is in force. */
  #isRight = false;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | null = null;
  readonly #watchers: (() => void)[] = [];

  constructor(options: PolicyOptions) {
    this.#options = options;
  }

  section<S extends PolicySection>(name: S): Policy[S] {
    return this.#policy[name];
  }

  get policy(): Policy {
    return this.#policy;
  }

  get state(): Omit<PolicyState, 'accounts' | 'released'> {
    return {
      sections: { ...this.#from },
      faults: [...this.#faults],
      held: heldNames(this.#policy),
      signIn: this.#policy.signIn ?? [],
    };
  }

  /** Tells of each change of what is in force, from now on. */
  watch(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  /** Reads it for the first time, and from now on whenever it may have changed. */
  async start(): Promise<void> {
    const { places, lookMs = LOOK_MS } = this.#options;
    await this.read();
    for (const file of places.flatMap(({ files }) => files)) watchFile(file, { interval: FILE_LOOK_MS }, () => void this.read());
    this.#timer = setInterval(() => void this.read(), lookMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const file of this.#options.places.flatMap(({ files }) => files)) unwatchFile(file);
  }

  /** Reads all places once; calls that come meanwhile wait for the same answer. */
  read(): Promise<void> {
    return (this.#reading ??= this.#readOnce().finally(() => (this.#reading = null)));
  }

  /** The store's key is known: what was in force before can be read, and what is now is kept. */
  keysOpened(key: Uint8Array): void {
    this.#key = key;
    const kept = this.#options.kept.read(key);
    if (this.#isRight) this.#keep(kept);
    else if (kept) this.#take(kept.policy, kept.from, this.#faults);
  }

  /** The store was closed: its key is not used any more. */
  keysClosed(): void {
    this.#key = null;
  }

  /** What outlives a restart beside the policy; null before the key is known. */
  keptState(): KeptState | null {
    return this.#key === null ? null : (this.#options.kept.read(this.#key) ?? this.#emptyState());
  }

  changeKept(patch: Partial<Pick<KeptState, 'escrowed' | 'followed' | 'rollout' | 'isLeased'>>): void {
    const state = this.keptState();
    if (state !== null && this.#key !== null) this.#options.kept.keep(this.#key, { ...state, ...patch });
  }

  #emptyState(): KeptState {
    return { policy: this.#policy, from: { ...this.#from }, escrowed: null, followed: [], rollout: [], isLeased: false };
  }

  async #readOnce(): Promise<void> {
    const reading = await readPolicy(this.#options.places);
    this.#isRight = reading.isRight;
    if (reading.isRight) {
      this.#take(reading.policy, reading.from, []);
      if (this.#key !== null) this.#keep(this.#options.kept.read(this.#key));
    } else this.#take(this.#policy, this.#from, reading.faults);
  }

  #take(policy: Policy, from: PolicySource, faults: readonly PolicyFault[]): void {
    const isSame = JSON.stringify([policy, faults]) === JSON.stringify([this.#policy, this.#faults]);
    this.#policy = policy;
    this.#from = from;
    this.#faults = faults;
    if (isSame) return;
    const { log, onChange } = this.#options;
    log.write('info', { ev: 'policy.changed', sections: Object.keys(from).join('.'), faults: faults.length });
    for (const { place, path } of faults) log.write('error', { ev: 'policy.fault', place, path });
    onChange(policy, faults);
    for (const tell of this.#watchers) tell();
  }

  /** Written only where it is another, and not at all where there never was a policy. */
  #keep(kept: KeptState | null): void {
    const hasPolicy = Object.keys(this.#policy).length > 0;
    if (this.#key === null || (kept === null && !hasPolicy)) return;
    if (kept !== null && JSON.stringify(kept.policy) === JSON.stringify(this.#policy)) return;
    this.#options.kept.keep(this.#key, { ...(kept ?? this.#emptyState()), policy: this.#policy, from: { ...this.#from } });
  }
}
