import { asEntryId, type EntryId } from '../../shared/model/ids.ts';
import { EngineRig } from './engine-rig.ts';
import { startImapScript, type ImapScript } from './imap-script.ts';
import { ShiftClock } from './shift-clock.ts';

const DAY_MS = 86_400_000;
const mail = (n: number): string =>
  `From: a@example.com\r\nTo: b@example.com\r\nSubject: case ${n}\r\nMessage-ID: <case${n}@example.com>\r\n\r\ntext ${n}\r\n`;

export interface ToggleFace {
  readonly capabilities: readonly string[];
  readonly hasModSeq?: boolean;
}

/** A mail for each case, and an outage in which the star of each is toggled here and by another client of the primary. */
export class ToggleWorld {
  readonly #primary: ImapScript;
  readonly #relay: ImapScript;
  readonly #rig: EngineRig;
  readonly #ids: readonly EntryId[];

  private constructor(primary: ImapScript, relay: ImapScript, rig: EngineRig, count: number) {
    this.#primary = primary;
    this.#relay = relay;
    this.#rig = rig;
    const bySubject = new Map(rig.rows('INBOX').map((row) => [row.subject, row.id]));
    this.#ids = Array.from({ length: count }, (_, n) => bySubject.get(`case ${n}`) ?? asEntryId(0));
  }

  /** @param isSet for each case, whether its mail has the star before */
  static async open({ capabilities, hasModSeq = true }: ToggleFace, isSet: readonly boolean[]): Promise<ToggleWorld> {
    const primary = await startImapScript({ capabilities });
    const relay = await startImapScript({ capabilities });
    const inbox = primary.store.get('INBOX');
    if (!hasModSeq) inbox.hasModSeq = false;
    for (const [n, one] of isSet.entries()) inbox.add({ raw: mail(n), flags: one ? ['\\flagged'] : [], internalDate: Date.now() - DAY_MS });
    const continuity = {
      ...({ failover: 'automatic', reconcile: 'automatic' } as const),
      ...{ stableSeconds: 0, previewSeconds: 0, undoSendSeconds: 0, deliveryGraceSeconds: 0 },
    };
    const login = ({ port }: ImapScript) => ({ port, user: 'alice', password: 'pw-alice' });
    const rig = await EngineRig.open({
      ...{ primary: login(primary), relay: login(relay), clock: new ShiftClock() },
      config: { continuity },
    });
    await rig.mirror();
    return new ToggleWorld(primary, relay, rig, isSet.length);
  }

  lose(): void {
    this.#rig.engine.features.monitor.setControl(this.#rig.accountId, 'forced-continuity');
  }

  toggleHere(n: number): void {
    this.#rig.engine.actions.setFlag([this.#ids[n]!], 'flagged', !this.isFlaggedHere(n));
  }

  toggleThere(n: number): void {
    const inbox = this.#primary.store.get('INBOX');
    const flags = new Set(inbox.find(n + 1)!.flags);
    if (!flags.delete('\\flagged')) flags.add('\\flagged');
    inbox.setFlags(n + 1, flags);
  }

  isFlaggedHere(n: number): boolean {
    return this.#rig.rows('INBOX').find((row) => row.id === this.#ids[n])!.isFlagged;
  }

  isFlaggedThere(n: number): boolean {
    return this.#primary.store
      .get('INBOX')
      .find(n + 1)!
      .flags.has('\\flagged');
  }

  async carryBack(): Promise<void> {
    this.#rig.engine.features.monitor.setControl(this.#rig.accountId, 'forced-normal');
    for (let n = 0; n < 4; n += 1) await this.#rig.mirror();
  }

  /** What the reconcile view gets to show of a case: reason and words. */
  told(n: number): string[] {
    const { reconciler } = this.#rig.engine.features;
    const [run] = reconciler.list();
    const { items } = reconciler.items(run!.id, 0, 10_000);
    return items.filter((one) => one.subject === `case ${n}`).map((one) => `${one.reason} ${one.detail}`);
  }

  /** Lines of a case in the report that can be saved. */
  report(n: number): string {
    const { reconciler } = this.#rig.engine.features;
    const { text } = reconciler.report(reconciler.list()[0]!.id, 'csv');
    return text
      .split('\r\n')
      .filter((line) => line.includes(`,case ${n},`))
      .join('\n');
  }

  async close(): Promise<void> {
    await this.#rig.close();
    await this.#primary.close();
    await this.#relay.close();
  }
}
