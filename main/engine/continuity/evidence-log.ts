import type { ErrorCode } from '../../../shared/errors.ts';
import type { EndpointRef, Evidence } from '../../../shared/model/continuity.ts';

const KEPT = 10;

/** The last things that decided about an account, newest last. */
export class EvidenceLog {
  #list: readonly Evidence[] = [];

  get list(): readonly Evidence[] {
    return this.#list;
  }

  add(at: number, source: Evidence['source'], isGood: boolean, of: { endpoint?: EndpointRef; code?: ErrorCode | null } = {}): void {
    const one: Evidence = { at, source, isGood, endpoint: of.endpoint ?? null, code: of.code ?? null };
    this.#list = [...this.#list, one].slice(-KEPT);
  }
}
