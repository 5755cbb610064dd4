import { createHash, randomUUID } from 'node:crypto';
import { packError } from '../../../shared/errors.ts';
import { readinessInForce, syslogTarget, type ReadinessRules } from '../../../shared/policy/readiness.ts';
import type { Policy } from '../../../shared/policy/schema.ts';
import { ALERT_FORMAT, alertKindSchema, type Alert, type AlertKind } from '../../../shared/readiness/alert.ts';
import type { ReadinessReport } from '../../../shared/readiness/report.ts';
import type { ProxyFinder } from '../../engine/core/proxy/proxy-finder.ts';
import { failureKind, fileWord, handIn } from '../../policy/hand-in.ts';
import { postJson, type Way } from '../../policy/post-json.ts';
import type { AppLog } from '../log-file.ts';
import { alertTargets, delivered, enqueue, keepFor, nextFor, type AlertTarget } from './alert-queue.ts';
import { lookAgain, type Change } from './alert-watch.ts';
import { accountConditions, storeConditions } from './conditions.ts';
import { readFacts, type Engine } from './facts.ts';
import { accountReports, isLookedAt, makeReport } from './make-report.ts';
import { emptyState, type ReadinessState, type ReadinessStateFile } from './state-file.ts';
import { sendSyslog } from './syslog.ts';
import { alertDelayMs, reportDueAt, retryMs } from './timing.ts';

/** A report shortly after the start waits so long for the first look at every server. */
const SETTLE_MS = 2 * 60_000;
const KINDS: ReadonlySet<AlertKind> = new Set(alertKindSchema.options);
const STORE_KIND: ReadonlySet<AlertKind> = new Set(['store-damaged']);

export interface ReadinessDevice {
  readonly device: string;
  readonly profile: string;
  readonly version: string;
  readonly platform: string;
}

export interface ReadinessParts {
  readonly engine: Engine & { readonly storeKey: Uint8Array | null };
  readonly policy: () => Policy;
  readonly policyFaults: () => number;
  readonly key: () => ReadinessReport['store']['key'];
  readonly lease: () => ReadinessReport['lease'];
  readonly device: ReadinessDevice;
  readonly file: ReadinessStateFile;
  readonly log: AppLog;
  readonly proxies?: ProxyFinder;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform number in [0, 1). */
  readonly chance: () => number;
}

/** Failures in a row at one place, and when it is tried again. */
interface Attempts {
  readonly failures: number;
  readonly notBefore: number;
}
type Place = AlertTarget | 'report';
const NO_ATTEMPTS: Attempts = { failures: 0, notBefore: 0 };

/** Tells IT how ready this device is, and what goes wrong, as far as the policy's section `readiness` says. Nothing waits for it. */
export class Readiness {
  readonly #parts: ReadinessParts;
  readonly #startedAt: number;
  #state: ReadinessState = emptyState;
  #isRead = false;
  /** When the next report is due, and for which rules that was found. */
  #due: { readonly at: number; readonly for: string } | null = null;
  readonly #attempts = new Map<Place, Attempts>();
  #looking: Promise<void> | null = null;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
    this.#startedAt = parts.now();
  }

  /** Looks at how things are and tells what is due. Calls that come meanwhile wait for the same look. Never throws. */
  look(): Promise<void> {
    return (this.#looking ??= this.#lookOnce()
      .catch((error: unknown) => this.#parts.log.write('warn', { ev: 'readiness.failed', kind: packError(error).detail.slice(0, 60) }))
      .finally(() => (this.#looking = null)));
  }

  async #lookOnce(): Promise<void> {
    const { readiness } = this.#parts.policy();
    if (readiness === undefined) return;
    const rules = readinessInForce(readiness);
    this.#readState();
    this.#notePolicy();
    await this.#watch(rules);
    // Kept before anything is sent: a message may be told twice, and never not at all.
    this.#keep();
    await Promise.all([this.#report(rules), this.#deliver(rules)]);
    this.#keep();
  }

  #readState(): void {
    const { engine, file } = this.#parts;
    if (this.#isRead || engine.storeKey === null) return;
    this.#isRead = true;
    const kept = file.read(engine.storeKey);
    // What was seen while there was no key waits behind what is kept.
    this.#state = { ...kept, queue: enqueue(kept.queue, this.#state.queue.items) };
  }

  #keep(): void {
    const { engine, file } = this.#parts;
    if (engine.storeKey !== null) file.write(engine.storeKey, this.#state);
  }

  #notePolicy(): void {
    const digest = createHash('sha256').update(JSON.stringify(this.#parts.policy())).digest('hex').slice(0, 16);
    if (this.#state.policy?.digest !== digest) this.#state = { ...this.#state, policy: { digest, since: this.#parts.now() } };
  }

  /** Looks at the engine, and puts what has changed into the queue. */
  async #watch(rules: ReadinessRules): Promise<void> {
    const { engine, now } = this.#parts;
    const store = storeConditions(engine.state());
    let conditions = store ?? [];
    let kinds: ReadonlySet<AlertKind> = store === null ? new Set() : STORE_KIND;
    if (engine.state().phase === 'running') {
      const facts = await readFacts(engine);
      const accounts = accountReports(facts);
      this.#state = { ...this.#state, accounts };
      conditions = [...conditions, ...accountConditions(facts, accounts, now())];
      kinds = KINDS;
    }
    const targets = alertTargets.filter((one) => rules[one] !== undefined);
    const { watched, changes } = lookAgain(this.#state.watched, conditions, kinds, now());
    const queue = keepFor(this.#state.queue, targets);
    const added = targets.length === 0 ? [] : changes.map((one) => this.#queued(one, rules.spreadMinutes, targets));
    const lost = queue.lost === 0 || added.length === 0 ? [] : [this.#queued(this.#lostChange(queue.lost), 0, targets)];
    const isTold = lost.length > 0;
    this.#state = {
      ...this.#state,
      watched: [...watched],
      queue: enqueue(isTold ? { ...queue, lost: 0 } : queue, [...lost, ...added]),
    };
  }

  #lostChange = (count: number): Change => ({ kind: 'alerts-lost', account: null, code: null, count, state: 'raised' });

  #queued({ kind, state, account, code, count }: Change, spreadMinutes: number, targets: readonly AlertTarget[]) {
    const { now, chance, device } = this.#parts;
    const { device: name, profile, version } = device;
    const at = new Date(now()).toISOString();
    const alert: Alert = { format: ALERT_FORMAT, id: randomUUID(), kind, state, at, device: name, profile, version, account, code, count };
    return { alert, dueAt: now() + alertDelayMs(spreadMinutes, chance()), left: targets };
  }

  async #report({ report: target, everyHours, spreadMinutes }: ReadinessRules): Promise<void> {
    if (target === undefined) return;
    const { now, chance } = this.#parts;
    const reportedAt = this.#state.reportedTo === target ? this.#state.reportedAt : null;
    const dueFor = JSON.stringify([target, everyHours, spreadMinutes, reportedAt]);
    if (this.#due?.for !== dueFor)
      this.#due = { at: reportDueAt({ reportedAt, now: now(), everyHours, spreadMinutes, chance: chance() }), for: dueFor };
    if (now() < this.#due.at || !this.#hasSomethingToSay()) return;
    await this.#attempt('report', async () => {
      const body = `${JSON.stringify(this.#make(), null, 2)}\n`;
      const { device, profile } = this.#parts.device;
      await handIn(target, `${fileWord(device)}-${fileWord(profile)}.json`, body, this.#way);
      this.#state = { ...this.#state, reportedAt: now(), reportedTo: target };
    });
  }

  /** Nothing is said of accounts before the engine has looked at their servers. */
  #hasSomethingToSay(): boolean {
    const { engine, now } = this.#parts;
    const { phase } = engine.state();
    if (phase === 'failed') return true;
    return phase === 'running' && (isLookedAt(this.#state.accounts) || now() - this.#startedAt > SETTLE_MS);
  }

  #make(): ReadinessReport {
    const { device, engine, policyFaults, key, lease, now } = this.#parts;
    const { phase, error } = engine.state();
    const { policy, accounts } = this.#state;
    return makeReport({
      ...device,
      now: now(),
      store: { isOpen: phase === 'running', code: error?.code ?? null, key: key() },
      policy: { digest: policy?.digest ?? '', since: new Date(policy?.since ?? now()).toISOString(), faults: policyFaults() },
      lease: lease(),
      accounts: [...accounts],
    });
  }

  async #deliver(rules: ReadinessRules): Promise<void> {
    const { webhook, syslog } = rules;
    const way = this.#way;
    const send: Readonly<Record<AlertTarget, ((alert: Alert) => Promise<void>) | null>> = {
      webhook: webhook === undefined ? null : (alert) => postJson(webhook, `${JSON.stringify(alert)}\n`, way),
      syslog: syslog === undefined ? null : (alert) => sendSyslog(syslogTarget(syslog), alert, way.caFile),
    };
    await Promise.all(alertTargets.map((target) => this.#deliverTo(target, send[target])));
  }

  /** In the order in which they happened; what cannot be delivered now stays. */
  async #deliverTo(target: AlertTarget, send: ((alert: Alert) => Promise<void>) | null): Promise<void> {
    const { now } = this.#parts;
    let next = send === null ? undefined : nextFor(this.#state.queue, target, now());
    while (next !== undefined && send !== null) {
      const { alert } = next;
      if (!(await this.#attempt(target, () => send(alert)))) return;
      this.#state = { ...this.#state, queue: delivered(this.#state.queue, alert.id, target) };
      next = nextFor(this.#state.queue, target, now());
    }
  }

  /** Tries, unless the last failure is not long ago. False where it did not go. */
  async #attempt(place: Place, work: () => Promise<void>): Promise<boolean> {
    const { now, chance, log } = this.#parts;
    const { failures, notBefore } = this.#attempts.get(place) ?? NO_ATTEMPTS;
    if (now() < notBefore) return false;
    try {
      await work();
      this.#attempts.delete(place);
      log.write('info', { ev: `readiness.${place}` });
      return true;
    } catch (error) {
      this.#attempts.set(place, { failures: failures + 1, notBefore: now() + retryMs(failures + 1, chance()) });
      log.write('warn', { ev: `readiness.${place}-failed`, kind: failureKind(error) });
      return false;
    }
  }

  get #way(): Way {
    return { proxies: this.#parts.proxies, caFile: this.#parts.policy().network?.caFile };
  }
}
