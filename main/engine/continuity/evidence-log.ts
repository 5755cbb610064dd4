import type { ErrorCode } from '../../../shared/errors.ts';
import type { EndpointRef, Evidence } from '../../../shared/model/continuity.ts';

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

  add(at: number, source: Evidence['source'], isGood: boolean, of: { endpoint?: EndpointRef; code?: ErrorCode | null } = {}): void {
    const one: Evidence = { at, source, isGood, endpoint: of.endpoint ?? null, code: of.code ?? null };
    this.#latest = [...this.#latest, one].slice(-KEPT);
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
