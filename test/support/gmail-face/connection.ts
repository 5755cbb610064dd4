import { setImmediate as turn } from 'node:timers/promises';
import { commandHead } from '../imap-command.ts';
import type { Link } from '../imap-proxy/link.ts';
import { filterServerLine } from '../imap-proxy/filter.ts';
import { LineAssembler, WireScanner, withoutLineEnd, type LiteralMark, type LogicalLine } from '../imap-wire.ts';
import { messageNumber, type Held, type Labels } from './labels.ts';

interface Command {
  readonly tag: string;
  readonly name: string;
  readonly args: string;
}

/** What Dovecot tells though it does not offer it. */
const HIDDEN: ReadonlySet<string> = new Set(['QRESYNC', 'NOTIFY']);
const GREETING = '* OK Gimap ready for requests from 127.0.0.1';
const NAME = /^("(?:[^"\\]|\\.)*"|[^\s"]+) ?(.*)$/s;
const GUID = /"(?:[^"\\]|\\.)*"|\bX-GUID ([^\s()]+)/g;
const lineOf = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');
const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);
const pathOf = (name: string): string => (name.toUpperCase() === 'INBOX' ? 'INBOX' : name);

/** One connection through a face: what changes messages is done to all their labels, everything else passes. */
export class GmailConnection {
  readonly #link: Link;
  readonly #labelsOf: (user: string) => Promise<Labels>;
  readonly #fromServer: WireScanner;
  readonly #inner = new Map<string, (text: string) => void>();
  readonly #running = new Map<string, Command>();
  #innerCount = 0;
  #work: Promise<void> = Promise.resolve();
  #user = '';
  #path: string | null = null;
  #isGreeted = false;
  #isContinuation = false;
  #isFetch = false;
  #isLoggingIn = false;

  constructor(link: Link, labelsOf: (user: string) => Promise<Labels>) {
    this.#link = link;
    this.#labelsOf = labelsOf;
    const fromClient = new LineAssembler(
      (line) => this.#queue(() => this.#onCommand(line)),
      (mark) => mark.isNonSync || this.#queue(() => Promise.resolve(link.toClient(lineOf('+ go ahead')))),
    );
    this.#fromServer = new WireScanner({
      line: (line, literal) => this.#onServerLine(line, literal),
      data: (chunk) => link.toClient(chunk),
    });
    link.pump(
      (chunk) => fromClient.push(chunk),
      (chunk) => this.#fromServer.push(chunk),
    );
  }

  /** What a client sends is looked at when what it sent before is done. A connection that ended has nobody to be told. */
  #queue(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#link.isOpen ? work() : undefined))
      .catch((error: Error) => this.#say(`* BAD face: ${error.message}`));
  }

  #say(text: string): void {
    this.#link.toClient(lineOf(text));
  }

  async #onCommand({ parts, text }: LogicalLine): Promise<void> {
    const head = commandHead(parts.length === 1 ? text : String(parts[0]).trimEnd());
    if (head === null || this.#isLoggingIn) {
      if (this.#isLoggingIn) this.#logIn(text);
      return this.#pass(parts);
    }
    const initial = head.name === 'AUTHENTICATE' ? /^PLAIN +(\S+)$/i.exec(head.args)?.[1] : undefined;
    if (head.name === 'LOGIN') this.#user = unquoted(NAME.exec(head.args)?.[1] ?? '');
    else if (initial !== undefined) this.#logIn(initial);
    else if (head.name === 'AUTHENTICATE') this.#isLoggingIn = true;
    const raw = parts.at(-2);
    if (head.name === 'APPEND' && raw instanceof Buffer) return this.#append(head, raw);
    if (this.#path !== null && /^UID (?:STORE|COPY|MOVE|EXPUNGE)$|^EXPUNGE$|^CLOSE$/.test(head.name)) return this.#change(head, this.#path);
    this.#running.set(head.tag, head);
    this.#pass(
      head.name.endsWith('FETCH') ? parts.map((one) => (typeof one === 'string' ? one.replace(/X-GM-MSGID/i, 'X-GUID') : one)) : parts,
    );
  }

  #logIn(response: string): void {
    this.#isLoggingIn = false;
    this.#user = Buffer.from(response, 'base64').toString('utf8').split('\0')[1] ?? this.#user;
  }

  #pass(parts: LogicalLine['parts']): void {
    let text = '';
    for (const one of parts) {
      if (typeof one === 'string') text += one;
      else {
        this.#link.toUpstream(lineOf(`${text}{${one.length}+}`));
        this.#link.toUpstream(one);
        text = '';
      }
    }
    this.#link.toUpstream(lineOf(text));
  }

  /** A command of our own on the client's connection: what it tells untagged reaches the client. */
  #run(command: string): Promise<string> {
    const tag = `face${(this.#innerCount += 1)}`;
    return new Promise((resolve) => {
      this.#inner.set(tag, resolve);
      this.#link.toUpstream(lineOf(`${tag} ${command}`));
    });
  }

  async #append({ tag, args }: Command, raw: Buffer): Promise<void> {
    const [, name = '', rest = ''] = NAME.exec(args) ?? [];
    const labels = await this.#labelsOf(this.#user);
    const reply = await labels.exclusive(() => labels.append(pathOf(unquoted(name)), rest, raw));
    this.#say(`${tag} ${reply.status} ${reply.text}`);
  }

  async #change(head: Command, path: string): Promise<void> {
    const labels = await this.#labelsOf(this.#user);
    const reply = await labels.exclusive(async () => {
      if (head.name === 'UID STORE') return this.#store(labels, head, path);
      if (head.name.endsWith('EXPUNGE') || head.name === 'CLOSE') return this.#expunge(labels, head, path);
      return this.#transfer(labels, head, path);
    });
    // What is gone from the mailbox is told before the command is.
    if (head.name !== 'CLOSE') await this.#run('NOOP');
    await turn();
    this.#say(`${head.tag} ${reply}`);
  }

  async #store(labels: Labels, { name, args }: Command, path: string): Promise<string> {
    const kept = labels.settings.keepsKeywords ? args : args.replace(/\(([^()]*)\)$/, (_, list: string) => `(${systemFlags(list)})`);
    const reply = await this.#run(`${name} ${kept}`);
    if (!reply.startsWith('OK')) return reply;
    for (const one of await labels.held(path, args.split(' ', 1)[0])) {
      if (labels.settings.autoExpunge && isDeleted(one)) await labels.expunge(one, path);
      else await labels.shareFlags(one, path);
    }
    return reply;
  }

  async #expunge(labels: Labels, { name, args }: Command, path: string): Promise<string> {
    const marked = (await labels.held(path, name === 'UID EXPUNGE' ? args : '1:*')).filter(isDeleted);
    for (const one of marked) await labels.expunge(one, path);
    if (name !== 'CLOSE') return 'OK (Success)';
    this.#path = null;
    return this.#run('CLOSE');
  }

  async #transfer(labels: Labels, { name, args }: Command, path: string): Promise<string> {
    const [, set = '', rest = ''] = /^(\S+) (.*)$/s.exec(args) ?? [];
    const to = pathOf(unquoted(rest));
    if (!(await labels.paths()).includes(to)) return 'NO [TRYCREATE] No folder (Failure)';
    const pairs: [number, number][] = [];
    const isMove = name === 'UID MOVE';
    for (const one of await labels.held(path, set)) {
      pairs.push([one.uid, isMove ? await labels.move(one, path, to) : await labels.add(one, path, to)]);
    }
    if (pairs.length === 0) return 'OK (Success)';
    const code = `[COPYUID ${await labels.uidValidity(to)} ${[0, 1].map((side) => pairs.map((pair) => pair[side]).join(',')).join(' ')}]`;
    if (!isMove) return `OK ${code} (Success)`;
    this.#say(`* OK ${code}`);
    return 'OK (Success)';
  }

  #onServerLine(line: Buffer, literal: LiteralMark | null): void {
    const text = withoutLineEnd(line).toString('latin1');
    const isContinuation = this.#isContinuation;
    this.#isContinuation = literal !== null;
    if (!isContinuation) {
      this.#isFetch = /^\* \d+ FETCH \(/i.test(text);
      const [tag = '', ...rest] = text.split(' ');
      const inner = this.#inner.get(tag);
      if (inner) {
        this.#inner.delete(tag);
        return inner(rest.join(' '));
      }
      this.#follow(tag, text);
    }
    const shown = this.#shown(text, isContinuation);
    if (shown !== null) this.#link.toClient(shown === text ? line : lineOf(shown));
  }

  #shown(text: string, isContinuation: boolean): string | null {
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      return GREETING;
    }
    if (this.#isFetch)
      return text.replace(GUID, (whole, guid?: string) => (guid === undefined ? whole : `X-GM-MSGID ${messageNumber(guid)}`));
    if (isContinuation) return text;
    return filterServerLine(text, HIDDEN);
  }

  #follow(tag: string, text: string): void {
    const ended = this.#running.get(tag);
    if (!ended) return;
    this.#running.delete(tag);
    const isDone = / OK\b/i.test(text);
    if (/^(?:SELECT|EXAMINE)$/.test(ended.name)) this.#path = isDone ? pathOf(unquoted(NAME.exec(ended.args)?.[1] ?? '')) : null;
    if (ended.name === 'UNSELECT' && isDone) this.#path = null;
  }
}

const isDeleted = ({ flags }: Held): boolean => flags.some((flag) => flag.toLowerCase() === '\\deleted');
const systemFlags = (list: string): string =>
  list
    .split(' ')
    .filter((flag) => flag.startsWith('\\'))
    .join(' ');
