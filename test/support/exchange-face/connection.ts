import { exchangeForm } from '../exchange-form.ts';
import { commandHead } from '../imap-command.ts';
import type { Link } from '../imap-proxy/link.ts';
import { filterServerLine } from '../imap-proxy/filter.ts';
import { WireScanner, withoutLineEnd, type LiteralMark } from '../imap-wire.ts';
import { FetchAnswers } from './answers.ts';
import type { SourceLedger } from './ledger.ts';

interface Running {
  readonly tag: string;
  readonly name: string;
  readonly args: string;
}

/** What Dovecot tells of modification sequences though it does not offer them. */
const HIDDEN: ReadonlySet<string> = new Set(['CONDSTORE', 'QRESYNC']);
const GREETING = '* OK The Microsoft Exchange IMAP4 service is ready.';
/** What it keeps; a command with any other keyword is refused. */
const KEPT = '\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent';
const OTHER_KEYWORD = /^\S+ [+-]?FLAGS(?:\.SILENT)? \(?(?:\S+ )*(?!\$MDNSent)[^\\\s()]/i;
const lineOf = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');
const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);

/** One connection through a face. */
export class FaceConnection {
  readonly #link: Link;
  readonly #ledger: SourceLedger;
  readonly #fromClient: WireScanner;
  readonly #fromServer: WireScanner;
  readonly #answers: FetchAnswers;
  readonly #running = new Map<string, Running>();
  /** The command whose line or literals the client is sending. */
  #current: Running | null = null;
  #isClientContinuation = false;
  #isServerContinuation = false;
  /** A mail of an APPEND, whole before it is passed on. */
  #mail: { readonly before: string; readonly pieces: Buffer[] } | null = null;
  #awaitsGo: string | null = null;
  #ownLines: Buffer[] = [];
  #isGreeted = false;
  #user = '';
  #uidValidity = '';
  #mailbox: string | null = null;

  constructor(link: Link, ledger: SourceLedger) {
    this.#link = link;
    this.#ledger = ledger;
    const place = { nameOf: (uid: string) => this.#nameOf(uid), askedFrom: (offset: number) => this.#askedFrom(offset) };
    this.#answers = new FetchAnswers(ledger, place, (bytes) => link.toClient(bytes));
    this.#fromClient = new WireScanner({
      line: (line, literal) => this.#onClientLine(line, literal),
      data: (chunk, isLast) => this.#onClientLiteral(chunk, isLast),
    });
    this.#fromServer = new WireScanner({
      line: (line, literal) => this.#onServerLine(line, literal),
      data: (chunk) => this.#answers.data(chunk),
    });
    link.pump(
      (chunk) => this.#fromClient.push(chunk),
      (chunk) => {
        this.#fromServer.push(chunk);
        this.#flushOwnLines();
      },
    );
  }

  #onClientLine(line: Buffer, literal: LiteralMark | null): void {
    const text = withoutLineEnd(line).toString('latin1');
    if (!this.#isClientContinuation) this.#begin(text);
    if (this.#current?.name === 'UID STORE' && OTHER_KEYWORD.test(this.#current.args)) return this.#refuse(this.#current.tag);
    this.#isClientContinuation = literal !== null;
    // The name of a mailbox may be a literal, too.
    const isMail = literal !== null && this.#current?.name === 'APPEND' && !/^\S+ +APPEND +~?\{\d+\+?\}$/i.test(text);
    if (!isMail) {
      if (literal && !literal.isNonSync) this.#awaitsGo = this.#current?.tag ?? null;
      return this.#link.toUpstream(line);
    }
    this.#mail = { before: text.replace(/~?\{\d+\+?\}$/, ''), pieces: [] };
    if (literal.isNonSync) return;
    this.#ownLines.push(lineOf('+ Ready for additional command text.'));
    this.#flushOwnLines();
  }

  #refuse(tag: string): void {
    this.#running.delete(tag);
    this.#ownLines.push(lineOf(`${tag} BAD Command Argument Error. 11`));
    this.#flushOwnLines();
  }

  #begin(text: string): void {
    const head = commandHead(text);
    if (head) {
      this.#current = head;
      this.#running.set(head.tag, head);
      if (head.name === 'LOGIN') this.#user = unquoted(/^"(?:[^"\\]|\\.)*"|^\S+/.exec(head.args)?.[0] ?? '');
      const initial = head.name === 'AUTHENTICATE' ? /^PLAIN +(\S+)$/i.exec(head.args)?.[1] : undefined;
      if (initial !== undefined) this.#logIn(initial);
    } else if (this.#current?.name === 'AUTHENTICATE') this.#logIn(text);
  }

  #logIn(response: string): void {
    this.#user = Buffer.from(response, 'base64').toString('utf8').split('\0')[1] ?? this.#user;
  }

  #onClientLiteral(chunk: Buffer, isLast: boolean): void {
    if (this.#mail === null) return this.#link.toUpstream(chunk);
    this.#mail.pieces.push(Buffer.from(chunk));
    if (!isLast) return;
    const { before, pieces } = this.#mail;
    this.#mail = null;
    const form = exchangeForm(Buffer.concat(pieces));
    this.#ledger.appended += 1;
    this.#link.toUpstream(lineOf(`${before}{${form.length}+}`));
    this.#link.toUpstream(form);
  }

  #onServerLine(line: Buffer, literal: LiteralMark | null): void {
    const isContinuation = this.#isServerContinuation;
    this.#isServerContinuation = literal !== null;
    if (isContinuation) return this.#answers.line(line, literal);
    const text = withoutLineEnd(line).toString('latin1');
    const tag = text.split(' ', 1)[0] as string;
    this.#follow(tag, text);
    const shown = this.#shown(text);
    if (shown !== null) this.#answers.line(shown === text ? line : lineOf(shown), literal);
  }

  #shown(text: string): string | null {
    if (this.#isGreeted) return filterServerLine(text.replace(/^(\* OK \[PERMANENTFLAGS) \([^)]*\)/i, `$1 (${KEPT})`), HIDDEN);
    this.#isGreeted = true;
    return GREETING;
  }

  #follow(tag: string, text: string): void {
    if (tag === '+') this.#awaitsGo = null;
    this.#uidValidity = /^\* OK \[UIDVALIDITY (\d+)\]/i.exec(text)?.[1] ?? this.#uidValidity;
    const ended = this.#running.get(tag);
    if (!ended) return;
    this.#running.delete(tag);
    if (tag === this.#awaitsGo) {
      // Refused instead of asked for.
      this.#fromClient.dropLiteral();
      this.#isClientContinuation = false;
      this.#awaitsGo = null;
    }
    if (/^(?:SELECT|EXAMINE)$/.test(ended.name)) {
      const name = unquoted(/^"(?:[^"\\]|\\.)*"|^\S+/.exec(ended.args)?.[0] ?? '');
      this.#mailbox = / OK\b/i.test(text) ? (name.toUpperCase() === 'INBOX' ? 'INBOX' : name) : null;
    }
  }

  #nameOf(uid: string): string | null {
    return this.#mailbox === null ? null : [this.#user, this.#mailbox, this.#uidValidity, uid].join('\0');
  }

  #askedFrom(offset: number): number | null {
    for (const { args } of this.#running.values()) {
      for (const [, from, length] of args.matchAll(/BODY(?:\.PEEK)?\[\]<(\d+)\.(\d+)>/gi))
        if (Number(from) === offset) return Number(length);
    }
    return null;
  }

  #flushOwnLines(): void {
    if (!this.#fromServer.isAtLineStart || this.#isServerContinuation) return;
    for (const line of this.#ownLines.splice(0)) this.#link.toClient(line);
  }
}
