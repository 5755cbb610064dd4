import type { ErrorCode } from '../../../shared/errors.ts';
import type { EndpointRef, Evidence } from '../../../shared/model/continuity.ts';

type EvidenceOf = { endpoint?: EndpointRef; code?: ErrorCode | null } & Pick<Evidence, 'undelivered'>;

const KEPT = 10;
/** What led to a decision is told for as long as it stands, whatever is seen since. */
const HELD = 5;

/** The things that decided about an account, and the last ones seen; newest last. */
export class EvidenceLog {
  #held: readonly Evidence[] = [];
  #latest: readonly Evidence[] = [];

  get list(): readonly Evidence[] {
    const since = this.#latest.filter((one) => !this.#held.includes(one));
    return [...this.#held, ...since.slice(this.#held.length - KEPT)];
  }

  add(at: number, source: Evidence['source'], isGood: boolean, of: EvidenceOf = {}): void {
    const { endpoint = null, code = null, ...more } = of;
    const one: Evidence = { at, source, isGood, endpoint, code, ...more };
    this.#latest = [...this.#latest, one].slice(-KEPT);
  }

  /** Mail that does not reach the primary: told once, with what is known of it now. */
  tellUndelivered(at: number, undelivered: NonNullable<Evidence['undelivered']>): void {
    const isSame = (one: Evidence): boolean => one.undelivered?.since === undelivered.since;
    if (!this.list.some(isSame)) return this.add(at, 'delivery', false, { undelivered });
    const retold = (one: Evidence): Evidence => (isSame(one) ? { ...one, undelivered } : one);
    // Kept apart by identity: what is held and also the latest has to stay one and the same.
    const made = new Map([...this.#held, ...this.#latest].map((one) => [one, retold(one)]));
    this.#held = this.#held.map((one) => made.get(one)!);
    this.#latest = this.#latest.map((one) => made.get(one)!);
  }

  /** Something was decided on what has been seen by now. */
  hold(): void {
    this.#held = this.#latest.slice(-HELD);
  }

  /** The decision is over. */
  release(): void {
    this.#held = [];
  }
}
