import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { imapDateTime } from './imap-date.ts';
import { LineAssembler, type LogicalLine } from './imap-wire.ts';
import { parseTokens, quoteString, tokenItems, tokenText, isAtom, type Token } from './imap-tokens.ts';
import { decodeMailboxName, encodeMailboxName } from './mailbox-name.ts';

/** Name that this client gives in ID, by which the servers' logs tell it from the product. */
export const SECOND_CLIENT_ID = 'holdover-second-client';

export interface SecondClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly user: string;
  readonly password: string;
  /** Implicit TLS, trusting this authority (PEM). */
  readonly ca?: string;
}

/** The end of one command. */
export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** What follows the status: response code and human text. */
  readonly text: string;
  /** Untagged answers as tokens, without the star. */
  readonly untagged: readonly (readonly Token[])[];
}

/** The command was answered NO or BAD. */
export class RefusedError extends Error {
  readonly reply: Reply;
  constructor(command: string, reply: Reply) {
    super(`${command}: ${reply.status} ${reply.text}`);
    this.reply = reply;
  }
}

/** UIDs as an IMAP set, e.g. `3:5,9`. */
export function uidSet(uids: readonly number[]): string {
  const sorted = [...uids].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const uid of sorted) {
    const last = ranges.at(-1);
    if (last && uid <= last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
}

interface Pending {
  readonly tag: string;
  readonly untagged: Token[][];
  readonly onUntagged: ((tokens: Token[]) => void) | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

type CommandPart = string | Buffer;

/**
 * An IMAP client of its own (raw socket, nothing shared with the product's library): plays another person's program
 * that changes the same mailbox, and reads what a server really holds. One command at a time; refused commands throw.
 */
export class SecondClient {
  readonly #socket: Socket;
  #pending: Pending | null = null;
  #greeted: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #resume: (() => void) | null = null;
  #count = 0;
  #ended: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    const assembler = new LineAssembler((line) => this.#onLine(line));
    socket.on('data', (chunk) => assembler.push(chunk));
    socket.on('error', (error) => this.#onEnd(error));
    socket.on('close', () => this.#onEnd(new Error('connection closed by the server')));
  }

  /** Connects and logs in. */
  static async connect(options: SecondClientOptions): Promise<SecondClient> {
    const at = { port: options.port, host: options.host ?? '127.0.0.1' };
    const socket = options.ca ? connectTls({ ...at, ca: options.ca, servername: 'localhost' }) : connectPlain(at);
    const client = new SecondClient(socket);
    await new Promise<void>((resolve, reject) => (client.#greeted = { resolve, reject }));
    await client.run('LOGIN ', quoteString(options.user).toString('latin1'), ' ', quoteString(options.password).toString('latin1'));
    await client.run(`ID ("name" "${SECOND_CLIENT_ID}")`);
    return client;
  }

  /** Sends one command; buffers among the parts go as literals. Throws RefusedError on NO and BAD. */
  async run(...parts: CommandPart[]): Promise<Reply> {
    const reply = await this.attempt(parts);
    if (reply.status !== 'OK') throw new RefusedError(String(parts[0]).split(' ', 2).join(' '), reply);
    return reply;
  }

  /** As run(), but gives the reply whatever its status; `onUntagged` takes answers one by one instead of collecting them. */
  async attempt(parts: readonly CommandPart[], onUntagged?: (tokens: Token[]) => void): Promise<Reply> {
    if (this.#ended) throw this.#ended;
    if (this.#pending) throw new Error('one command at a time');
    const tag = `s${(this.#count += 1)}`;
    const reply = new Promise<Reply>((resolve, reject) => {
      this.#pending = { tag, untagged: [], onUntagged, resolve, reject };
    });
    reply.catch(() => undefined); // seen by the awaiting caller; here only so that a failed literal is not reported twice
    let text = `${tag} `;
    for (const part of parts) {
      if (typeof part === 'string') text += part;
      else if (await this.#sendLiteral(text, part, reply)) text = '';
      else return reply;
    }
    this.#socket.write(`${text}\r\n`, 'latin1');
    return reply;
  }

  /** Mailboxes with their attributes, names decoded. */
  async list(): Promise<{ path: string; attributes: string[] }[]> {
    const { untagged } = await this.run('LIST "" "*"');
    return untagged
      .filter((t) => isAtom(t[0], 'LIST'))
      .map((t) => ({ path: decodeMailboxName(tokenText(t[3])), attributes: tokenItems(t[1]).map(tokenText) }));
  }

  /** SELECT (or EXAMINE); gives UIDVALIDITY. */
  async select(path: string, options: { readOnly?: boolean } = {}): Promise<{ uidValidity: bigint; exists: number }> {
    const { untagged } = await this.run(`${options.readOnly ? 'EXAMINE' : 'SELECT'} `, this.#name(path));
    const code = untagged.map((t) => /^\[UIDVALIDITY (\d+)\]/i.exec(tokenText(t[1]))?.[1]).find((v) => v !== undefined);
    const exists = untagged.find((t) => isAtom(t[1], 'EXISTS'));
    return { uidValidity: BigInt(code ?? 0), exists: Number(tokenText(exists?.[0])) };
  }

  /** The UID that the next message of this mailbox gets. */
  async uidNext(path: string): Promise<number> {
    const { untagged } = await this.run('STATUS ', this.#name(path), ' (UIDNEXT)');
    const items = tokenItems(untagged.find((t) => isAtom(t[0], 'STATUS'))?.[2]);
    return Number(tokenText(items[1]));
  }

  /** All UIDs of the selected mailbox that match the search (default ALL), ascending. */
  async uids(search = 'ALL'): Promise<number[]> {
    const { untagged } = await this.run(`UID SEARCH ${search}`);
    const line = untagged.filter((t) => isAtom(t[0], 'SEARCH'));
    return line.flatMap((t) => t.slice(1).map((item) => Number(tokenText(item)))).sort((a, b) => a - b);
  }

  /** Appends; the UID is null where the server has no UIDPLUS. */
  async append(path: string, raw: Buffer, options: { flags?: readonly string[]; internalDate?: number } = {}): Promise<number | null> {
    const flags = options.flags ? `(${options.flags.join(' ')}) ` : '';
    const date = options.internalDate === undefined ? '' : `${imapDateTime(options.internalDate)} `;
    const { text } = await this.run('APPEND ', this.#name(path), ` ${flags}${date}`, raw);
    const uid = /\[APPENDUID \d+ (\d+)\]/i.exec(text)?.[1];
    return uid === undefined ? null : Number(uid);
  }

  /** Adds, removes or sets flags in the selected mailbox. */
  async store(uids: readonly number[], mode: '+' | '-' | '', flags: readonly string[]): Promise<void> {
    await this.run(`UID STORE ${uidSet(uids)} ${mode}FLAGS.SILENT (${flags.join(' ')})`);
  }

  async copy(uids: readonly number[], target: string): Promise<void> {
    await this.run(`UID COPY ${uidSet(uids)} `, this.#name(target));
  }

  async move(uids: readonly number[], target: string): Promise<void> {
    await this.run(`UID MOVE ${uidSet(uids)} `, this.#name(target));
  }

  /** Marks these deleted and expunges exactly them. */
  async expunge(uids: readonly number[]): Promise<void> {
    await this.store(uids, '+', ['\\Deleted']);
    await this.run(`UID EXPUNGE ${uidSet(uids)}`);
  }

  async create(path: string): Promise<void> {
    await this.run('CREATE ', this.#name(path));
  }

  async rename(path: string, newPath: string): Promise<void> {
    await this.run('RENAME ', this.#name(path), ' ', this.#name(newPath));
  }

  async delete(path: string): Promise<void> {
    await this.run('DELETE ', this.#name(path));
  }

  async subscribe(path: string, isSubscribed = true): Promise<void> {
    await this.run(`${isSubscribed ? '' : 'UN'}SUBSCRIBE `, this.#name(path));
  }

  /** Logs out and closes the socket. */
  async close(): Promise<void> {
    if (!this.#socket.destroyed) await this.attempt(['LOGOUT']).catch(() => undefined); // best effort: the socket goes anyway
    this.#socket.destroy();
  }

  #name(path: string): string {
    return quoteString(encodeMailboxName(path)).toString('latin1');
  }

  /** False when the server answered the command instead of asking for the literal. */
  async #sendLiteral(before: string, bytes: Buffer, reply: Promise<Reply>): Promise<boolean> {
    const asked = new Promise<boolean>((resolve) => (this.#resume = () => resolve(true)));
    this.#socket.write(`${before}{${bytes.length}}\r\n`, 'latin1');
    const isAsked = await Promise.race([asked, reply.then(() => false)]);
    this.#resume = null;
    if (isAsked) this.#socket.write(bytes);
    return isAsked;
  }

  #onLine(line: LogicalLine): void {
    if (this.#greeted) {
      if (/^\* (OK|PREAUTH)/i.test(line.text)) this.#greeted.resolve();
      else this.#greeted.reject(new Error(`greeting: ${line.text}`));
      this.#greeted = null;
    } else if (line.text.startsWith('+')) this.#resume?.();
    else if (line.text.startsWith('* ')) this.#onUntagged(line);
    else this.#onTagged(line.text);
  }

  #onUntagged(line: LogicalLine): void {
    const pending = this.#pending;
    if (!pending) return;
    // Human text after a status may hold any characters: only its response code is syntax.
    const status = /^\* ((?:OK|NO|BAD|BYE|PREAUTH)(?: \[[^\]]*\])?)/i.exec(line.text)?.[1];
    const tokens = status === undefined ? parseTokens(line.parts).slice(1) : parseTokens([status]);
    if (pending.onUntagged) pending.onUntagged(tokens);
    else pending.untagged.push(tokens);
  }

  #onTagged(text: string): void {
    const pending = this.#pending;
    const match = /^(\S+) (OK|NO|BAD) ?(.*)$/i.exec(text);
    if (!pending || match?.[1] !== pending.tag) return;
    this.#pending = null;
    pending.resolve({ status: (match[2] as string).toUpperCase() as Reply['status'], text: match[3] ?? '', untagged: pending.untagged });
  }

  #onEnd(error: Error): void {
    this.#ended ??= error;
    this.#greeted?.reject(error);
    this.#greeted = null;
    this.#pending?.reject(error);
    this.#pending = null;
  }
}
