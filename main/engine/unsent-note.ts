import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNSENT_FILE } from '../../shared/store-file.ts';
import type { AccountLosses } from '../../shared/model/account.ts';
import type { EngineEventName } from '../../shared/ipc/engine-port.ts';
import type { EngineDeps } from './deps.ts';

const TOLD_BY: ReadonlySet<EngineEventName> = new Set(['outbox.changed', 'drafts.changed', 'actions.changed', 'accounts.changed']);

/**
 * Bare figures of what is nowhere but here, in plain beside the store: when its key is lost, a person who gives the store up
 * has to be told what stays behind in it.
 */
export class UnsentNote {
  readonly #deps: Pick<EngineDeps, 'profileDir' | 'clock' | 'log'>;
  readonly #count: () => AccountLosses;
  #noted = '';

  constructor(deps: Pick<EngineDeps, 'profileDir' | 'clock' | 'log'>, count: () => AccountLosses) {
    this.#deps = deps;
    this.#count = count;
  }

  /** Notes again where the event may have changed the figures. */
  after(event: EngineEventName): void {
    if (TOLD_BY.has(event)) this.write();
  }

  /** Never throws: mail goes on without the note. */
  write(): void {
    const { profileDir, clock, log } = this.#deps;
    try {
      const losses = this.#count();
      const text = JSON.stringify(losses);
      if (text === this.#noted) return;
      const path = join(profileDir, UNSENT_FILE);
      writeFileSync(`${path}.new`, JSON.stringify({ losses, at: clock.now() }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      this.#noted = text;
    } catch (error) {
      log.warn({ ev: 'unsent-note.failed', code: String((error as { code?: unknown }).code ?? '') });
    }
  }
}
