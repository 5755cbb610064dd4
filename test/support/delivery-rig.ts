import { MailError } from '../../shared/errors.ts';
import type { Side } from '../../shared/model/account.ts';
import { mailboxRoleSchema } from '../../shared/model/mailbox.ts';
import { asUid, asUidValidity, type EntryId, type Uid } from '../../shared/model/ids.ts';
import type { DeliverySource } from '../../main/engine/continuity/delivery-watch.ts';
import type { ImapSession, RemoteMailbox, RemoteSummary } from '../../main/engine/imap/gateway.ts';
import { recordSummary } from '../../main/engine/mirror/record-summary.ts';
import { viewContext } from '../../main/engine/mirror/view-context.ts';
import { deliveriesSince, lookForDeliveries } from '../../main/engine/reconcile/deliveries.ts';
import type { EngineStore } from '../../main/engine/store/engine-store.ts';
import { WeatherRig, type WeatherOptions } from './weather-rig.ts';

const MINUTE = 60_000;
/** What came is judged by then. */
const SETTLED_MS = 6_000;
const EPOCH = asUidValidity(7n);

/** A mail as a server shows it. */
export function summaryOf(name: string, internalDate: number, uid: number, from = `${name}@partner.test`): RemoteSummary {
  return {
    ...{ uid: asUid(uid), flags: [], modSeq: null, internalDate, sizeBytes: 500, sentDate: 1_000_000, subject: name },
    ...{ messageId: `<${name}@partner.test>`, inReplyTo: null, references: [], from: [{ name: '', address: from }], sender: null },
    ...{ replyTo: [], to: [{ name: '', address: 'anna@example.com' }], cc: [], bcc: [], hasAttachments: false, emailId: null },
    structureDigest: 'one',
  };
}

/** Puts a mail into a mirrored mailbox, as a pass of the mirror does. */
export function mirrorMail(store: EngineStore, side: Side, path: string, summary: RemoteSummary, now: number): EntryId {
  const accountId = store.accounts.list()[0]!.id;
  const role = mailboxRoleSchema.catch('other').parse(path.toLowerCase());
  return store.handle.tx('test.mail', () => {
    const id = store.mailboxes.record({
      ...{ accountId, side, path, delimiter: '/', role, kind: role === 'quarantine' ? 'quarantined' : 'incoming', objectId: null },
      ...{ isSubscribed: true, isSelectable: true, isMirrored: true },
    });
    if (store.mailboxes.get(id)!.uidValidity === null) store.mailboxes.beginEpoch(id, EPOCH);
    const { entryId } = recordSummary(store, store.mailboxes.get(id)!, summary, viewContext(store, accountId), now);
    store.mailboxes.saveProgress(id, { uidNext: asUid(summary.uid + 1), highestModSeq: null, remoteMessages: 1, coveredSince: 0, at: now });
    return entryId;
  });
}

/** The monitor with real mail in its store, mirrors that look every minute, and a primary whose other mailboxes can be looked into. */
export class DeliveryRig extends WeatherRig {
  /** Times of looks, running time. */
  readonly looks: number[] = [];
  /** What each look asked for. */
  readonly asked: string[][] = [];
  /** Mailboxes of the primary that are not mirrored. */
  readonly unmirrored = new Map<string, RemoteSummary[]>();
  /** Mirrored mailboxes of the primary with something that the mirror has not seen. */
  readonly fresh = new Set<string>();
  /** Mailboxes that the server does not let us see into. */
  readonly shut = new Set<string>();
  /** The next looks fail so. */
  failsWith: Error | null = null;
  /** How long each search takes. */
  searchMs = 0;
  readonly #source: { of: () => DeliveryRig };
  #uid = 0;
  #isWoken = false;

  constructor(options: Omit<WeatherOptions, 'deliveries'> = {}) {
    const source = { of: (): DeliveryRig => undefined as never };
    super({ ...options, deliveries: sourceOf(() => source.of()) });
    this.#source = source;
    this.#source.of = () => this;
  }

  /** The relay takes a mail, and the mirror sees it. */
  arrives(name: string, change: { date?: number; from?: string; path?: string } = {}): EntryId {
    const { date = this.clock.now(), from, path = 'INBOX' } = change;
    return mirrorMail(this.store, 'relay', path, summaryOf(name, date, ++this.#uid, from), this.clock.now());
  }

  /** The primary delivers it into a mailbox that is mirrored. */
  delivers(name: string, path = 'INBOX', from?: string): EntryId {
    return mirrorMail(this.store, 'primary', path, summaryOf(name, this.clock.now(), ++this.#uid, from), this.clock.now());
  }

  /** The primary files it into a mailbox that is not. */
  hides(name: string, path = 'Junk'): void {
    this.unmirrored.set(path, [...(this.unmirrored.get(path) ?? []), summaryOf(name, this.clock.now(), ++this.#uid)]);
  }

  /** Three mails of three people, a minute apart. */
  async threeArrive(prefix = 'mail'): Promise<number> {
    const since = this.clock.now();
    for (const n of [1, 2, 3]) {
      this.arrives(`${prefix}${n}`);
      await this.passes(1);
    }
    return since;
  }

  /** So many minutes pass; both sides are looked at in each, and the primary's session is free after that. */
  async passes(minutes: number): Promise<void> {
    for (let n = 0; n < minutes; n += 1) {
      await this.clock.advance(MINUTE - SETTLED_MS);
      for (const side of ['primary', 'relay'] as const) this.mirror(side)?.looked();
      await this.runJobs();
    }
  }

  async until(mode: string, mostMinutes: number): Promise<void> {
    for (let n = 0; n < mostMinutes && this.mode !== mode; n += 1) await this.passes(1);
    if (this.mode !== mode) throw new Error(`not ${mode} after ${mostMinutes} minutes, but ${this.mode}`);
  }

  wake(): void {
    this.#isWoken = true;
  }

  /** What the mirror does when its session is free, and at once when it is woken. */
  async runJobs(): Promise<void> {
    do {
      this.#isWoken = false;
      for (const job of this.monitor.jobs(this.accountId, 'primary')) {
        let isDone = false;
        const ended = (): boolean => (isDone = true);
        // A mirror whose job fails connects anew.
        void job.run(this.#session()).then(ended, ended);
        await this.clock.until(job.name, () => isDone, 10 * MINUTE);
      }
      await this.clock.advance(SETTLED_MS);
    } while (this.#isWoken);
  }

  #session(): ImapSession {
    const { unmirrored } = this;
    const held = (path: string): readonly RemoteSummary[] => unmirrored.get(path) ?? [];
    let open = '';
    const session: Pick<ImapSession, 'list' | 'select' | 'searchMessageId' | 'fetchSummaries'> = {
      list: () => {
        this.looks.push(this.clock.monotonic());
        this.asked.push([]);
        if (this.failsWith) return Promise.reject(this.failsWith);
        const stored = this.store.mailboxes.list(this.accountId, 'primary');
        const mirrored = stored.map(({ path, uidNext }) => remoteMailbox(path, this.fresh.has(path) ? asUid(uidNext! + 1) : uidNext!));
        return Promise.resolve([...mirrored, ...[...unmirrored.keys()].map((path) => remoteMailbox(path, asUid(1_000)))]);
      },
      select: (path) => {
        open = path;
        const exists = held(path).length;
        if (this.shut.has(path)) return Promise.reject(new MailError('command-refused', { scope: 'mailbox', retry: 'never' }));
        return Promise.resolve({ path, uidValidity: EPOCH, uidNext: asUid(1_000), exists, highestModSeq: null, permanentFlags: null });
      },
      searchMessageId: async (messageId) => {
        this.asked.at(-1)!.push(`${open} ${messageId}`);
        if (this.searchMs > 0) await this.clock.sleep(this.searchMs);
        return held(open)
          .filter((one) => one.messageId === messageId)
          .map(({ uid }) => uid);
      },
      fetchSummaries: (uids) => streamed(held(open).filter(({ uid }) => uids.includes(uid))),
    };
    return session as ImapSession;
  }
}

async function* streamed(list: readonly RemoteSummary[]): AsyncGenerator<RemoteSummary> {
  for (const one of list) yield await Promise.resolve(one);
}

function remoteMailbox(path: string, uidNext: Uid): RemoteMailbox {
  const status = { uidValidity: EPOCH, uidNext, messages: 1, unseen: null, highestModSeq: null };
  const names = { path, delimiter: '/', attributes: [], objectId: null };
  return { ...names, isSubscribed: true, isSelectable: true, status };
}

function sourceOf(rig: () => DeliveryRig): DeliverySource {
  return {
    since: (accountId, since) => deliveriesSince(rig().store, accountId, since),
    look: (accountId, session, mails, mayGoOn) => lookForDeliveries(rig().store, accountId, session, mails, mayGoOn),
    wake: () => rig().wake(),
  };
}
