import { limits } from '../../../shared/limits.ts';
import type { MailboxId, Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { isOtherMessage } from '../imap/same-message.ts';
import { summaryDigest } from '../imap/summary-digest.ts';
import type { KnownPlacement } from '../store/placements.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { MirrorContext } from './mirror-context.ts';
import { markSetBack } from './set-back.ts';

/** Asked for at once, from the highest known UID down, until one answers; each time so many times more. */
const PROBED = 5;
const GROWTH = 20;

/** On the server, as far as is known. */
export const isLive = (one: KnownPlacement): boolean => one.state === 'present' || one.state === 'held';

const uidsOf = (rows: readonly KnownPlacement[]): Uid[] => rows.map(({ uid }) => uid);

/**
 * Whether the UIDs of a mailbox still stand for the messages that they stood for. A server that was set back to a backup gives the UIDs of
 * what it has lost once more, mostly under the same UIDVALIDITY. All of them are above what it kept: so where the highest known message
 * that is there is the one that we know, all below it are. Proved once in a session, which a server that is set back ends.
 */
export class UidProof {
  readonly #context: MirrorContext;
  readonly #session: ImapSession;
  readonly #proven = new Set<MailboxId>();

  constructor(context: MirrorContext, session: ImapSession) {
    this.#context = context;
    this.#session = session;
  }

  /**
   * Takes their UIDs from placements of the selected mailbox for which other messages stand there by now; true where there were any: then
   * nothing that its counters say holds, and it has to be passed in full.
   * @throws MailError of scope mailbox or connection
   */
  async displaceReused(mailbox: Mailbox): Promise<boolean> {
    if (this.#proven.has(mailbox.id)) return false;
    const { store, deps, step } = this.#context;
    const live = store.placements.known(mailbox.id, mailbox.uidValidity!).filter(isLive);
    const reused = (await this.#isHighestSame(live)) ? [] : await this.#reusedAmong(live);
    if (reused === null) {
      deps.log.warn({ ev: 'mirror.uids-unclear', mailbox: mailbox.id });
      return false;
    }
    this.#proven.add(mailbox.id);
    if (reused.length === 0) return false;
    store.handle.tx('mirror.displace', () => {
      // Should it end here, the next pass looks at everything again.
      store.mailboxes.beginEpoch(mailbox.id, mailbox.uidValidity!);
      for (const { id } of reused) store.placements.displace(id, deps.clock.now());
      markSetBack(this.#context);
    });
    step('mirror.displace');
    deps.log.warn({ ev: 'mirror.uids-given-anew', mailbox: mailbox.id, messages: reused.length });
    return true;
  }

  /** Of the highest that the server has: one that is gone proves nothing. */
  async #isHighestSame(live: readonly KnownPlacement[]): Promise<boolean> {
    let size = PROBED;
    for (let end = live.length; end > 0; end -= size, size = Math.min(size * GROWTH, limits.summaryBatch)) {
      const asked = live.slice(Math.max(0, end - size), end);
      const answers = await this.#answers(asked);
      const highest = asked.findLast(({ uid }) => answers.has(uid));
      if (highest !== undefined) return !this.#isOther(highest, answers.get(highest.uid));
    }
    return true;
  }

  /**
   * Those that stand for other messages, told twice alike: one answer that is garbled takes nothing from its place. Null where it is not
   * what a server does that was set back: that keeps everything below some UID, and shows none of what is known under another UID.
   */
  async #reusedAmong(live: readonly KnownPlacement[]): Promise<KnownPlacement[] | null> {
    const reused: KnownPlacement[] = [];
    const strangers: RemoteSummary[] = [];
    let highestSame = 0;
    for (let start = 0; start < live.length; start += limits.summaryBatch) {
      const asked = live.slice(start, start + limits.summaryBatch);
      const [answers, again] = [await this.#answers(asked), await this.#answers(asked)];
      for (const one of asked) {
        const [answer, second] = [answers.get(one.uid), again.get(one.uid)];
        if (!answer || !second || summaryDigest(answer) !== summaryDigest(second)) continue;
        if (!this.#isOther(one, answer)) highestSame = one.uid;
        else {
          reused.push(one);
          strangers.push(answer);
        }
      }
    }
    const lowest = reused[0]?.uid ?? Infinity;
    return highestSame < lowest && (highestSame > 0 || !this.#areKnown(live, strangers)) ? reused : null;
  }

  async #answers(rows: readonly KnownPlacement[]): Promise<Map<Uid, RemoteSummary>> {
    return new Map((await readSummaries(this.#session, uidsOf(rows))).map((one) => [one.uid, one]));
  }

  #areKnown(live: readonly KnownPlacement[], strangers: readonly RemoteSummary[]): boolean {
    const { placements } = this.#context.store;
    const known = new Set(live.map(({ id }) => placements.get(id)?.summaryDigest));
    return strangers.some((one) => known.has(summaryDigest(one)));
  }

  #isOther({ id }: KnownPlacement, answer: RemoteSummary | undefined): boolean {
    const placement = this.#context.store.placements.get(id);
    return answer !== undefined && placement !== null && isOtherMessage(placement, answer);
  }
}
