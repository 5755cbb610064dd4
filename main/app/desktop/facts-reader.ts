import { contract, type CallArgs, type CallResult, type EngineCall } from '../../../shared/ipc/contract.ts';
import type { EngineEventName } from '../../../shared/ipc/engine-port.ts';
import type { EventPayload } from '../../../shared/ipc/events.ts';
import { ownAddresses } from '../../../shared/model/account.ts';
import type { EngineState } from '../../../shared/model/sync.ts';
import type { InboxLook } from './arrivals.ts';
import { noFacts, type Facts } from './facts.ts';

/** Events come in bursts while mail is copied. */
const PAUSE_MS = 1_000;
const INBOX_ROWS = 100;

/** What is asked of the engine. */
export interface Engine {
  state(): EngineState;
  call<N extends EngineCall>(name: N, args: CallArgs<N>): Promise<unknown>;
}

type Asked = 'accounts' | 'mailboxes' | 'outbox' | 'continuity' | 'sync' | 'inboxes';
const EVERYTHING: readonly Asked[] = ['accounts', 'mailboxes', 'outbox', 'continuity', 'sync', 'inboxes'];
const AFTER: Partial<Record<EngineEventName, readonly Asked[]>> = {
  'messages.changed': ['mailboxes', 'inboxes'],
  'mailboxes.changed': ['mailboxes', 'inboxes'],
  'accounts.changed': EVERYTHING,
  'outbox.changed': ['outbox'],
};

/** Keeps the facts as new as the engine's events tell, and asks no more often than once in a while. */
export class FactsReader {
  readonly #engine: Engine;
  readonly #onFacts: (facts: Facts, inboxes: readonly InboxLook[] | null) => void;
  readonly #stale = new Set<Asked>();
  #facts: Facts = noFacts;
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  /** @param onFacts called after every change; `inboxes` where they were looked at anew */
  constructor(engine: Engine, onFacts: (facts: Facts, inboxes: readonly InboxLook[] | null) => void) {
    this.#engine = engine;
    this.#onFacts = onFacts;
  }

  onState(engine: EngineState): void {
    const wasRunning = this.#facts.engine.phase === 'running';
    this.#set({ engine });
    if (engine.phase === 'running' && !wasRunning) this.#soon(EVERYTHING);
  }

  onEvent(name: EngineEventName, payload: unknown): void {
    if (name === 'sync.state') this.#set({ sync: payload as EventPayload<'sync.state'> });
    else if (name === 'continuity.state') this.#set({ continuity: payload as EventPayload<'continuity.state'> });
    else this.#soon(AFTER[name] ?? []);
  }

  #set(changed: Partial<Facts>, inboxes: readonly InboxLook[] | null = null): void {
    this.#facts = { ...this.#facts, ...changed };
    this.#onFacts(this.#facts, inboxes);
  }

  #soon(stale: readonly Asked[]): void {
    for (const one of stale) this.#stale.add(one);
    if (this.#stale.size > 0 && !this.#isReading) this.#timer ??= setTimeout(() => void this.#read(), PAUSE_MS);
  }

  async #read(): Promise<void> {
    this.#timer = undefined;
    this.#isReading = true;
    const stale = new Set(this.#stale);
    this.#stale.clear();
    try {
      const changed = await this.#answers(stale);
      const inboxes = stale.has('inboxes') ? await this.#looks({ ...this.#facts, ...changed }) : null;
      this.#set(changed, inboxes);
    } catch {
      // The engine went while it was asked: all is asked again once it runs
    }
    this.#isReading = false;
    this.#soon([]);
  }

  async #answers(stale: ReadonlySet<Asked>): Promise<Partial<Facts>> {
    const changed: { -readonly [K in keyof Facts]?: Facts[K] } = {};
    if (stale.has('accounts')) changed.accounts = await this.#ask('accounts.list', []);
    if (stale.has('mailboxes')) changed.mailboxes = await this.#ask('mailboxes.list', []);
    if (stale.has('outbox')) changed.outbox = await this.#ask('outbox.list', []);
    if (stale.has('continuity')) changed.continuity = await this.#ask('continuity.state', []);
    if (stale.has('sync')) changed.sync = await this.#ask('sync.state', []);
    return changed;
  }

  async #looks({ accounts, mailboxes, sync }: Facts): Promise<InboxLook[]> {
    const own = new Set(accounts.flatMap(({ config }) => ownAddresses(config)));
    const looks: InboxLook[] = [];
    for (const { key, accountId } of mailboxes.filter(({ role }) => role === 'inbox')) {
      // The list of all inboxes holds the others once more.
      if (accountId === null) continue;
      const { rows } = await this.#ask('messages.list', [{ mailboxKey: key, filter: 'all', offset: 0, limit: INBOX_ROWS }]);
      const isSettled = sync.some((side) => side.accountId === accountId && side.lastCompleteAt !== null);
      looks.push({ accountId, rows, isSettled, own, now: Date.now() });
    }
    return looks;
  }

  async #ask<N extends EngineCall>(name: N, args: CallArgs<N>): Promise<CallResult<N>> {
    return contract[name].result.parse(await this.#engine.call(name, args)) as CallResult<N>;
  }
}
