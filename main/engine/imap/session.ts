import type { Side } from '../../../shared/model/account.ts';
import type { ModSeq, Uid } from '../../../shared/model/ids.ts';
import { appendMessage, copyMessages, expungeMessages, moveMessages, storeFlags } from './change-messages.ts';
import { fetchChanges, fetchFlags, fetchHeader, fetchSlice, fetchSources, fetchSummaries } from './fetch-messages.ts';
import type { ImapCaps, ImapSession, MailboxStatus, MessagePieces, SelectedMailbox, WatchEvent, WatchHooks } from './gateway.ts';
import { capsLeft } from './imap-caps.ts';
import { isInboxName } from './inbox-name.ts';
import { MailboxNews } from './mailbox-news.ts';
import type { FetchSuspects } from './fetch-suspects.ts';
import type { MailboxNames } from './mailbox-names.ts';
import { listMailboxes, readStatus } from './read-mailboxes.ts';
import { searchMessageId, searchUidRange, searchWindow } from './search-mailbox.ts';
import { selectMailbox } from './select-mailbox.ts';
import { localError, mailboxArgument, type SessionContext } from './session-context.ts';
import { Watch } from './watch-mailboxes.ts';
import type { Wire } from './wire/wire.ts';

export interface SessionOptions {
  readonly wire: Wire;
  readonly caps: ImapCaps;
  readonly names: MailboxNames;
  readonly suspects: FetchSuspects;
  readonly emailIdItem: string | null;
  readonly times: Readonly<Record<'commandTimeoutMs' | 'stallTimeoutMs' | 'idleRenewMs' | 'silenceMs', number>>;
}

/** How long LOGOUT may take: nothing is lost without it. */
const CLOSE_MS = 2_000;

function statusOf({ uidValidity, uidNext, exists, highestModSeq }: SelectedMailbox): MailboxStatus {
  return { uidValidity, uidNext, messages: exists, unseen: null, highestModSeq };
}

/** One logged-in connection: each call is one method of ImapSession, carried out by the module of its kind. */
export class WireSession implements ImapSession {
  readonly #context: SessionContext;
  readonly #news: MailboxNews;
  readonly #watch: Watch;

  constructor({ times, ...shared }: SessionOptions) {
    const { wire } = shared;
    this.#context = { ...shared, commandTimeoutMs: times.commandTimeoutMs, selected: null, isEpochLost: false };
    this.#news = new MailboxNews(this.#context);
    this.#watch = new Watch(this.#context, this.#news, times);
    wire.onCapabilities = (names) => {
      this.#context.caps = capsLeft(this.#context.caps, names);
    };
    wire.onUnsolicited = (line) => this.#news.take(line);
  }

  get side(): Side {
    return this.#context.wire.side;
  }

  get caps(): ImapCaps {
    return this.#context.caps;
  }

  get isOpen(): boolean {
    return this.#context.wire.isOpen;
  }

  get closed(): AbortSignal {
    return this.#context.wire.closed;
  }

  set onSilence(tell: (isSilent: boolean) => void) {
    this.#context.wire.onSilence = tell;
  }

  get onSilence(): (isSilent: boolean) => void {
    return this.#context.wire.onSilence;
  }

  async list() {
    const found = await listMailboxes(this.#context);
    for (const { path, status } of found) if (status) this.#news.note(path, status);
    return found;
  }

  async status(path: string): Promise<MailboxStatus> {
    const status = await readStatus(this.#context, path);
    this.#news.note(path, status);
    return status;
  }

  async select(path: string, options: { forChange?: boolean } = {}): Promise<SelectedMailbox> {
    const selected = await selectMailbox(this.#context, path, options.forChange === true);
    this.#news.note(path, statusOf(selected));
    return selected;
  }

  searchWindow(since: number, orFlagged: boolean) {
    return searchWindow(this.#context, since, orFlagged);
  }

  searchUidRange(from: Uid, to: Uid) {
    return searchUidRange(this.#context, from, to);
  }

  searchMessageId(messageId: string, from?: Uid) {
    return searchMessageId(this.#context, messageId, from);
  }

  fetchFlags(uids: readonly Uid[]) {
    return fetchFlags(this.#context, uids);
  }

  changes(since: ModSeq, knownUids: readonly Uid[]) {
    return fetchChanges(this.#context, since, knownUids);
  }

  fetchSummaries(uids: readonly Uid[]) {
    return fetchSummaries(this.#context, uids);
  }

  fetchSources(uids: readonly Uid[]) {
    return fetchSources(this.#context, uids);
  }

  fetchSlice(uid: Uid, offset: number, length: number) {
    return fetchSlice(this.#context, uid, offset, length);
  }

  fetchHeader(uid: Uid) {
    return fetchHeader(this.#context, uid);
  }

  async watch(onEvent: (event: WatchEvent) => void, signal: AbortSignal, hooks: WatchHooks = {}): Promise<void> {
    await this.#watch.run(onEvent, signal, hooks);
  }

  async noop(): Promise<void> {
    await this.#context.wire.run('NOOP');
  }

  storeFlags(uids: readonly Uid[], mode: 'add' | 'remove' | 'set', flags: readonly string[], unchangedSince?: ModSeq) {
    return storeFlags(this.#context, uids, mode, flags, unchangedSince);
  }

  copy(uids: readonly Uid[], targetPath: string) {
    return copyMessages(this.#context, uids, targetPath);
  }

  move(uids: readonly Uid[], targetPath: string) {
    return moveMessages(this.#context, uids, targetPath);
  }

  expunge(uids: readonly Uid[]) {
    return expungeMessages(this.#context, uids);
  }

  append(path: string, raw: Uint8Array | MessagePieces, flags: readonly string[], internalDate: number) {
    return appendMessage(this.#context, path, raw, flags, internalDate);
  }

  async createMailbox(path: string): Promise<void> {
    await this.#context.wire.run('CREATE', [mailboxArgument(this.#context, path)]);
  }

  async renameMailbox(path: string, newPath: string): Promise<void> {
    this.#refuseInbox(path);
    await this.#leave(path);
    await this.#context.wire.run('RENAME', [`${mailboxArgument(this.#context, path)} ${mailboxArgument(this.#context, newPath)}`]);
  }

  async deleteMailbox(path: string): Promise<void> {
    this.#refuseInbox(path);
    await this.#leave(path);
    await this.#context.wire.run('DELETE', [mailboxArgument(this.#context, path)]);
  }

  async subscribe(path: string, isSubscribed: boolean): Promise<void> {
    await this.#context.wire.run(isSubscribed ? 'SUBSCRIBE' : 'UNSUBSCRIBE', [mailboxArgument(this.#context, path)]);
  }

  close(): Promise<void> {
    return this.#context.wire.close(CLOSE_MS);
  }

  /** RENAME of INBOX moves all its mail away (RFC 9051 6.3.6); DELETE of it is forbidden. */
  #refuseInbox(path: string): void {
    if (!isInboxName(path)) return;
    throw localError(this.#context, 'operation-unsafe', { scope: 'mailbox', retry: 'never', detail: 'INBOX' });
  }

  /** Servers end the session when its open mailbox goes (Dovecot: BYE). */
  async #leave(path: string): Promise<void> {
    if (this.#context.selected?.path === path) await selectMailbox(this.#context, 'INBOX', false);
  }
}
