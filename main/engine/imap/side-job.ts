import type { ImapSession } from './gateway.ts';

/**
 * Work done on a side's logged-in session whenever it is free: after connecting, after each look, and when woken. Jobs run one
 * after another in a stated order; each is bounded and leaves the rest for the next time.
 */
export interface SideJob {
  readonly name: string;
  /** @throws MailError of scope connection, account or store: the session is given up. Lesser failures are the job's own. */
  run(session: ImapSession): Promise<void>;
}
