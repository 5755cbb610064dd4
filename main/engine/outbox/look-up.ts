import { packError, type PackedError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { AccountId, OutboxId } from '../../../shared/model/ids.ts';
import type { LookUp } from '../../../shared/model/outbox.ts';
import type { ImapSession, RemoteMailbox } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import type { SideJob } from '../imap/side-job.ts';
import { rolesOf } from '../imap/special-use.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { OutboxContext } from './context.ts';
import { findCopies } from './find-copy.ts';
import { acceptance, fileWhereProved } from './record-settlement.ts';
import { soughtMail } from './sought.ts';
import { nextOutboxState } from './state.ts';

/** Waits between looks on one side: a copy may come late, and a server that does not have it by then will not. */
const WAITS_MS = [15_000, 60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 12 * 3_600_000];
const MAX_MAILBOXES = 50;
/** Where the primary has copies of mail that was sent: its Sent, its all-mail and archive, and our INBOX for mail to ourselves. */
const PRIMARY_ROLES = ['sent', 'all', 'archive', 'inbox'];

/** Searches one side for uncertain mail (bars O1, O2). Found is proof; not found is evidence, kept with the mail, and proves nothing. */
export class LookUpJob implements SideJob {
  readonly name = 'outbox.look-up';
  readonly #context: OutboxContext;
  readonly #accountId: AccountId;
  readonly #side: Side;
  readonly #wanted: ReadonlyMap<OutboxId, number>;
  readonly #onFound: () => void;

  /**
   * @param wanted when a person asked for a look-up, by mail (milliseconds since 1970)
   * @param onFound mail may have something left to be sent
   */
  constructor(context: OutboxContext, accountId: AccountId, side: Side, wanted: ReadonlyMap<OutboxId, number>, onFound: () => void) {
    this.#onFound = onFound;
    this.#context = context;
    this.#accountId = accountId;
    this.#side = side;
    this.#wanted = wanted;
  }

  async run(session: ImapSession): Promise<void> {
    const due = this.#context.store
      .inStates(this.#accountId, ['unknown'])
      .filter((row) => lookUpInMs(this.#context, row, this.#side, this.#wanted) === 0);
    if (due.length === 0) return;
    const paths = placesToSearch(await session.list(), this.#side);
    for (const row of due) await this.#lookUp(session, row, paths);
  }

  async #lookUp(session: ImapSession, row: OutboxRow, paths: readonly string[]): Promise<void> {
    const searched: string[] = [];
    let error: unknown = null;
    let foundIn: string | null = null;
    const mail = soughtMail(this.#context, row);
    for (const path of paths) {
      try {
        await session.select(path);
        searched.push(path);
        if ((await findCopies(session, mail)).length === 0) continue;
        foundIn = path;
        break;
      } catch (caught) {
        error = caught;
        if (!isLesserFailure(caught, session)) break;
      }
    }
    this.#context.step('outbox.looked');
    this.#record(row, { searched, foundIn, error: foundIn !== null || error === null ? null : packError(error) });
    if (error !== null && !session.isOpen) throw error;
  }

  #record(row: OutboxRow, found: { searched: string[]; foundIn: string | null; error: PackedError | null }): void {
    const { handle, store, clock, log } = this.#context;
    const lookUp: LookUp = { at: clock.now(), side: this.#side, ...found };
    handle.tx('outbox.look-up', () => {
      store.evidence.addLookUp(row.id, lookUp);
      const current = store.get(row.id);
      if (found.foundIn !== null && current.state === 'unknown') resolveUncertain(this.#context, current, 'find');
    });
    this.#context.step('outbox.look-up-noted');
    log.info({ ev: 'outbox.looked-up', item: row.id, side: this.#side, isFound: found.foundIn !== null });
    this.#context.changed();
    if (found.foundIn === null) return;
    this.#context.wake(row.accountId, 'primary');
    this.#onFound();
  }
}

/** Milliseconds until this side is searched for the mail again; null when it is not by itself. */
export function lookUpInMs(context: OutboxContext, row: OutboxRow, side: Side, wanted: ReadonlyMap<OutboxId, number>): number | null {
  // Somebody else of its recipients has it for certain: their copies, and ours in Sent, would be found and prove nothing.
  if (row.state !== 'unknown' || row.acceptedAt !== null) return null;
  const { count, lastAt } = context.store.evidence.searched(row.id, side, row.uncertainSince ?? 0);
  if (count === 0 || lastAt === null || (wanted.get(row.id) ?? 0) > lastAt) return 0;
  const waitMs = WAITS_MS[count - 1];
  if (waitMs === undefined) return null;
  const left = lastAt + waitMs - context.clock.now();
  // A clock that went back must not make it wait for the difference.
  return Math.max(0, Math.min(waitMs, left));
}

/**
 * An uncertain mail is proved delivered, or a person says so: whoever was uncertain has it. With recipients left that the server had put
 * off, it goes on for them alone. Call inside a transaction.
 */
export function resolveUncertain(context: OutboxContext, row: OutboxRow, event: 'find' | 'mark-sent'): void {
  const { store, clock } = context;
  store.setRecipients(row.id, ['unknown'], 'accepted');
  const isPart = row.recipients.some((one) => one.state === 'transient' || one.state === 'pending');
  const isRefusedBySome = row.recipients.some((one) => one.state === 'rejected');
  const state = nextOutboxState('unknown', isPart ? 'find-part' : event);
  store.change(row.id, {
    ...{ state, bodyStarted: false, wasUncertain: false, uncertainSince: null, nextAttemptAt: null },
    ...(isPart ? { route: null, hold: 'retry' as const } : {}),
    error: isRefusedBySome ? { code: 'recipients-refused', scope: 'message', retry: 'ask', side: row.route, detail: '' } : null,
    ...acceptance(context, row, row.route),
  });
  fileWhereProved(store, store.get(row.id), clock.now());
}

/** Sent first: most often it is there. The relay keeps its copies wherever it likes. */
function placesToSearch(all: readonly RemoteMailbox[], side: Side): string[] {
  const roles = rolesOf(all);
  const rank = (path: string): number => {
    const at = PRIMARY_ROLES.indexOf(roles.get(path) ?? 'other');
    return at < 0 ? PRIMARY_ROLES.length : at;
  };
  return all
    .filter((one) => one.isSelectable && roles.get(one.path) !== 'drafts')
    .map((one) => one.path)
    .filter((path) => side === 'relay' || rank(path) < PRIMARY_ROLES.length)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_MAILBOXES);
}
