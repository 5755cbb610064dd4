// @ts-check
import { dispatch } from './commands.mjs';
import { fetchLine } from './fetch.mjs';
import { CommandReader } from './reader.mjs';
import { Refusal } from './refusal.mjs';
import { CAPABILITIES } from './session-commands.mjs';
import { sequenceSet, toSequenceSet } from './wire.mjs';

/**
 * @typedef {import('./store.mjs').StoredMailbox} StoredMailbox
 * @typedef {import('./reader.mjs').Command} Command
 */

/** Commands in whose answers no EXPUNGE may stand (RFC 3501 7.4.1). */
const HOLDS_EXPUNGE = new Set(['FETCH', 'STORE', 'SEARCH']);

/** One client. */
export class ImapConnection {
  isAuthenticated = false;
  isReadOnly = false;
  isIdle = false;
  /** The client has asked for mod-sequences: from then on they are told with every change of flags. */
  usesModSeq = false;
  /** The client has enabled QRESYNC: VANISHED instead of EXPUNGE. */
  usesVanished = false;
  /** What the client knows of the selected mailbox, in order of sequence number. @type {{uid: number, modSeq: number}[]} */
  view = [];
  /** @type {StoredMailbox | null} */
  #selected = null;
  /** @type {((line: string) => void) | null} */
  #lineWaiter = null;
  #isBusy = false;
  #isFinished = false;
  #onChange = () => {
    if (this.isIdle) this.update(true);
  };

  /**
   * @param {import('node:net').Socket} socket
   * @param {import('./store.mjs').MailStore} store
   * @param {{user: string, pass: string}} credentials
   */
  constructor(socket, store, credentials) {
    this.socket = socket;
    this.store = store;
    this.credentials = credentials;
    this.reader = new CommandReader(() => this.send('+ go ahead'));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    // A client that goes away in the middle is no event for a server.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.unselect());
    this.send(`* OK [CAPABILITY ${CAPABILITIES}] Demo server ready`);
  }

  /** @throws {Refusal} when no mailbox is selected */
  get mailbox() {
    if (this.#selected === null) throw new Refusal('[CLIENTBUG] No mailbox selected');
    return this.#selected;
  }

  get hasSelected() {
    return this.#selected !== null;
  }

  /** @param {string | Buffer} answer A line without its end, or bytes as they are. */
  send(answer) {
    if (!this.socket.writable) return;
    this.socket.write(typeof answer === 'string' ? Buffer.from(`${answer}\r\n`, 'latin1') : answer);
  }

  /** As send, but waits while the client is slow. @param {Buffer} bytes */
  async write(bytes) {
    if (!this.socket.writable || this.socket.write(bytes)) return;
    await new Promise((resolve) => {
      this.socket.once('drain', resolve);
      this.socket.once('close', resolve);
    });
  }

  /**
   * Asks the client for a line that is no command.
   * @param {string} prompt
   * @returns {Promise<string>}
   */
  askForLine(prompt) {
    this.reader.wantsLine = true;
    this.send(prompt);
    return new Promise((resolve) => {
      this.#lineWaiter = resolve;
      this.#drain();
    });
  }

  /** @param {StoredMailbox} mailbox @param {boolean} isReadOnly */
  select(mailbox, isReadOnly) {
    this.#selected = mailbox;
    this.isReadOnly = isReadOnly;
    this.view = mailbox.messages.map(({ uid, modSeq }) => ({ uid, modSeq }));
    mailbox.on('change', this.#onChange);
    mailbox.once('removed', this.#onRemoved);
  }

  unselect() {
    this.#selected?.off('change', this.#onChange);
    this.#selected?.off('removed', this.#onRemoved);
    this.#selected = null;
    this.view = [];
  }

  #onRemoved = () => {
    this.send('* BYE Mailbox was deleted');
    this.socket.end();
  };

  /** @throws {Refusal} when the mailbox was opened by EXAMINE */
  requireWritable() {
    if (this.hasSelected && this.isReadOnly) throw new Refusal('[CANNOT] Mailbox is read-only');
  }

  /**
   * @param {string} set
   * @param {boolean} byUid
   * @returns {(uid: number, number: number) => boolean}
   */
  selector(set, byUid) {
    const largest = byUid ? (this.view.at(-1)?.uid ?? 0) : this.view.length;
    const isInSet = sequenceSet(set, largest);
    return (uid, number) => isInSet(byUid ? uid : number);
  }

  /** The client has been told of this message's flags. @param {{uid: number, modSeq: number}} message */
  reported(message) {
    const entry = this.view.find(({ uid }) => uid === message.uid);
    if (entry !== undefined) entry.modSeq = message.modSeq;
  }

  /** Tells the client what has changed since it was last told. @param {boolean} mayExpunge */
  update(mayExpunge) {
    const mailbox = this.#selected;
    if (mailbox === null) return;
    if (mayExpunge) this.#sendExpunged(mailbox);
    const known = this.view.at(-1)?.uid ?? 0;
    const added = mailbox.messages.filter((message) => message.uid > known);
    if (added.length > 0) {
      this.view.push(...added.map(({ uid, modSeq }) => ({ uid, modSeq })));
      this.send(`* ${this.view.length} EXISTS`);
    }
    for (const [index, entry] of this.view.entries()) {
      const message = mailbox.find(entry.uid);
      if (message === undefined || message.modSeq === entry.modSeq) continue;
      this.send(fetchLine(this, message, index + 1, ['UID', 'FLAGS', ...(this.usesModSeq ? ['MODSEQ'] : [])]));
    }
  }

  /** @param {StoredMailbox} mailbox */
  #sendExpunged(mailbox) {
    const gone = this.view.filter(({ uid }) => mailbox.find(uid) === undefined);
    if (gone.length === 0) return;
    if (this.usesVanished) this.send(`* VANISHED ${toSequenceSet(gone.map(({ uid }) => uid))}`);
    for (const entry of gone) {
      const index = this.view.indexOf(entry);
      this.view.splice(index, 1);
      if (!this.usesVanished) this.send(`* ${index + 1} EXPUNGE`);
    }
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    this.reader.feed(chunk);
    this.#drain();
  }

  /** Starts commands one after the other; while one runs, more is read only if it has asked for a line. */
  #drain() {
    for (;;) {
      if (this.#isBusy && !this.reader.wantsLine) return;
      const input = this.#isFinished ? null : this.reader.take();
      if (input === null) return;
      if ('line' in input) {
        this.reader.wantsLine = false;
        this.#lineWaiter?.(input.line);
        this.#lineWaiter = null;
      } else if ('error' in input) {
        this.send(`${input.tag} BAD ${input.error}`);
      } else {
        this.#isBusy = true;
        void this.#run(input.command).finally(() => {
          this.#isBusy = false;
          this.#drain();
        });
      }
    }
  }

  /** @param {Command} command */
  async #run(command) {
    try {
      const text = await dispatch(this, command);
      this.update(!HOLDS_EXPUNGE.has(command.name));
      this.send(`${command.tag} OK ${text ?? `${command.name} completed`}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.send(`${command.tag} ${error instanceof Refusal ? 'NO' : 'BAD'} ${reason}`);
    }
    if (command.name === 'LOGOUT') {
      this.#isFinished = true;
      this.socket.end();
    }
  }
}
