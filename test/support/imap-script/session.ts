import type { Socket } from 'node:net';
import { parseTokens } from '../imap-tokens.ts';
import { commandHead } from '../imap-command.ts';
import { LineAssembler, type LogicalLine } from '../imap-wire.ts';
import { uidSet } from '../second-client.ts';
import { statusLine } from './commands-mailboxes.ts';
import { commandTable, isAllowed } from './command-table.ts';
import type { FaultyOutput, ScriptAction, ScriptCommand } from './faults.ts';
import { Refusal, viewed, type ScriptLogins, type ScriptSession, type Selected } from './session-state.ts';
import type { ScriptMailbox, ScriptStore } from './store.ts';

/** What a session needs of the server that it belongs to. */
export interface SessionHost {
  readonly store: ScriptStore;
  readonly logins: ScriptLogins;
  capabilities(session: { isSecure: boolean; user: string | null }): readonly string[];
  noteBytes(chunk: Buffer): void;
  /** Logs the command and gives what the test wants done to it. */
  decide(command: Omit<ScriptCommand, 'nth' | 'at'>): Promise<{ command: ScriptCommand; action: ScriptAction }>;
  /** Wraps the socket; resolves when the handshake is done. */
  secure(socket: Socket): Promise<Socket>;
}

const STATUS_ITEMS = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN'];

/** One connection: reads commands one after the other, carries them out, applies the test's faults. */
export class Session implements ScriptSession {
  readonly output: FaultyOutput;
  readonly #host: SessionHost;
  readonly #number: number;
  #socket: Socket;
  #lines: LogicalLine[] = [];
  #wake: (() => void) | null = null;
  #isOpen = true;
  #startsTls = false;
  #ends = false;
  #isBusy = false;
  #isIdling = false;
  #changedPaths = new Set<ScriptMailbox>();
  command: ScriptCommand = { connection: 0, tag: '*', name: '', args: '', nth: 0, isSecure: false, selected: null, at: 0 };
  user: string | null = null;
  selected: Selected | null = null;
  isCondstore = false;
  isQresync = false;
  isNotify = false;
  isSecure: boolean;

  constructor(host: SessionHost, socket: Socket, output: FaultyOutput, number: number, isSecure: boolean) {
    this.#host = host;
    this.#socket = socket;
    this.output = output;
    this.#number = number;
    this.isSecure = isSecure;
  }

  get store(): ScriptStore {
    return this.#host.store;
  }

  get logins(): ScriptLogins {
    return this.#host.logins;
  }

  capabilities(): readonly string[] {
    return this.#host.capabilities(this);
  }

  has(capability: string): boolean {
    return this.capabilities().includes(capability);
  }

  startTls(): void {
    this.#startsTls = true;
  }

  end(): void {
    this.#ends = true;
  }

  /** Greets and serves until either side ends. Never rejects. */
  async run(greeting: string): Promise<void> {
    this.#listen(this.#socket);
    const stopWatching = this.store.onChange((mailbox) => this.#noteChange(mailbox));
    await this.output.write(greeting);
    while (this.#isOpen && !this.output.isDead && !this.#ends) {
      const line = await this.#next();
      if (line) await this.#serve(line);
    }
    stopWatching();
    if (this.#ends) this.#socket.end();
  }

  async nextLine(): Promise<string> {
    return (await this.#next())?.text ?? '';
  }

  async idle(): Promise<void> {
    this.#isIdling = true;
    await this.#push();
    await this.#next();
    this.#isIdling = false;
  }

  async tellChanges(canExpunge: boolean): Promise<void> {
    const selected = this.selected;
    if (!selected) return;
    // Made in one go and sent at once: a change told while waiting must not come between.
    const lines = canExpunge ? this.#expungedLines(selected) : [];
    const known = selected.view.at(-1) ?? 0;
    const added = selected.mailbox.messages.filter((message) => message.uid > known);
    const changed = [...viewed(selected)].filter(
      ({ message }) => message.modSeq > selected.knownModSeq && selected.told.get(message.uid) !== message.modSeq,
    );
    selected.view.push(...added.map((message) => message.uid));
    if (added.length > 0) lines.push(`${selected.view.length} EXISTS`);
    for (const { message, sequence } of changed) {
      const modSeq = this.isCondstore ? ` MODSEQ (${message.modSeq})` : '';
      lines.push(`${sequence} FETCH (UID ${message.uid} FLAGS (${[...message.flags].join(' ')})${modSeq})`);
    }
    selected.knownModSeq = selected.mailbox.highestModSeq;
    selected.told.clear();
    if (lines.length > 0) await this.output.write(lines.map((line) => `* ${line}\r\n`).join(''));
  }

  #expungedLines(selected: Selected): string[] {
    const gone = new Set(selected.view.filter((uid) => selected.mailbox.indexOf(uid) < 0));
    if (gone.size === 0) return [];
    const sequences = selected.view.flatMap((uid, i) => (gone.has(uid) ? [i + 1] : []));
    selected.view = selected.view.filter((uid) => !gone.has(uid));
    if (this.isQresync) return [`VANISHED ${uidSet([...gone])}`];
    return sequences.reverse().map((sequence) => `${sequence} EXPUNGE`);
  }

  #listen(socket: Socket): void {
    const assembler = new LineAssembler(
      (line) => {
        this.#lines.push(line);
        this.#wake?.();
      },
      (mark, text) => {
        // A continuation is asked for at once; commands that are going to be refused take their literal first.
        if (!mark.isNonSync) void this.output.write('+ OK\r\n');
        else if (!this.has('LITERAL+')) void this.output.write(`* BAD LITERAL+ is not offered: ${text}\r\n`);
      },
    );
    socket.on('data', (chunk: Buffer) => {
      this.#host.noteBytes(chunk);
      if (!socket.destroyed) assembler.push(chunk);
    });
    const ended = (): void => {
      this.#isOpen = false;
      this.#wake?.();
    };
    socket.on('error', ended).on('close', ended).on('end', ended);
  }

  async #next(): Promise<LogicalLine | null> {
    while (this.#lines.length === 0 && this.#isOpen) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    return this.#lines.shift() ?? null;
  }

  async #serve(line: LogicalLine): Promise<void> {
    const head = commandHead(line.text);
    if (!head) {
      await this.output.write(`${line.text.split(' ', 1)[0] || '*'} BAD Syntax error\r\n`);
      return;
    }
    this.#isBusy = true;
    const { command, action } = await this.#host.decide({
      ...head,
      connection: this.#number,
      isSecure: this.isSecure,
      selected: this.selected?.mailbox.path ?? null,
    });
    this.command = command;
    await this.#apply(action, line);
    this.#isBusy = false;
    if (this.#startsTls) await this.#secure();
    await this.#push();
  }

  async #apply(action: ScriptAction, line: LogicalLine): Promise<void> {
    const { tag } = this.command;
    if (action === 'pass') return this.#execute(line);
    if ('reply' in action) for await (const chunk of action.reply) await this.output.write(chunk);
    else if ('no' in action) await this.output.write(`${tag} NO ${action.no}\r\n`);
    else if ('bad' in action) await this.output.write(`${tag} BAD ${action.bad}\r\n`);
    else if ('bye' in action) {
      await this.output.write(`* BYE ${action.bye}\r\n`);
      this.end();
    } else if ('before' in action) {
      await action.before();
      await this.#apply(action.then ?? 'pass', line);
    } else if ('delayMs' in action) {
      await new Promise((resolve) => setTimeout(resolve, action.delayMs));
      await this.#apply(action.then ?? 'pass', line);
    } else if ('garbage' in action) {
      await this.output.write(action.garbage);
      await this.#apply(action.then ?? 'pass', line);
    } else await this.#applyToAnswer(action, line);
  }

  async #applyToAnswer(action: Exclude<ScriptAction, 'pass'>, line: LogicalLine): Promise<void> {
    if ('cutAfterBytes' in action || 'stallAfterBytes' in action) {
      if ('cutAfterBytes' in action) this.output.limit(action.cutAfterBytes, action.reset ? 'reset' : 'cut');
      else this.output.limit(action.stallAfterBytes, 'stall');
      await this.#execute(line);
      this.output.strike();
    } else {
      this.output.hold();
      await this.#execute(line);
      const answer = this.output.release();
      if ('rewrite' in action) {
        const edited = action.rewrite(answer);
        const end = action.cutAt?.(edited) ?? -1;
        if (end >= 0) this.output.limit(end, 'cut');
        await this.output.write(edited);
      }
      if ('suffix' in action) await this.output.write(Buffer.concat([answer, Buffer.from(action.suffix)]));
    }
  }

  async #execute(line: LogicalLine): Promise<void> {
    const { tag, name } = this.command;
    try {
      const handler = commandTable[name];
      if (!handler) throw new Refusal('BAD', 'Unknown command');
      if (!isAllowed(name, this.user !== null)) throw new Refusal('BAD', 'Not allowed in this state');
      const tokens = parseTokens(line.parts);
      const text = await handler(this, tokens.slice(name.startsWith('UID ') ? 3 : 2));
      if (!this.#ends) await this.tellChanges(!/^(FETCH|STORE|SEARCH)$/.test(name));
      await this.output.write(`${tag} OK ${text}\r\n`);
    } catch (error) {
      if (error instanceof Refusal) await this.output.write(`${tag} ${error.status} ${error.message}\r\n`);
      else if (error instanceof SyntaxError) await this.output.write(`${tag} BAD ${error.message}\r\n`);
      else throw error;
    }
  }

  async #secure(): Promise<void> {
    this.#startsTls = false;
    this.#socket.removeAllListeners('data');
    this.#lines = []; // whatever came in clear text after STARTTLS does not count (CVE-2011-0411)
    try {
      this.#socket = await this.#host.secure(this.#socket);
    } catch {
      this.#isOpen = false; // the client refused our certificate
      return;
    }
    this.output.replaceSocket(this.#socket);
    this.isSecure = true;
    this.#listen(this.#socket);
  }

  #noteChange(mailbox: ScriptMailbox | null): void {
    if (mailbox) this.#changedPaths.add(mailbox);
    // After the change that is under way: several at once are told together.
    queueMicrotask(() => void this.#push());
  }

  /** Sends what changed to a client that waits (IDLE, or NOTIFY between commands). */
  async #push(): Promise<void> {
    const canPush = this.#isIdling || (this.isNotify && !this.#isBusy);
    if (!canPush || this.output.isDead) return;
    const others = [...this.#changedPaths].filter((mailbox) => mailbox !== this.selected?.mailbox);
    this.#changedPaths.clear();
    await this.tellChanges(true);
    if (!this.isNotify) return;
    const items = this.has('CONDSTORE') ? [...STATUS_ITEMS, 'HIGHESTMODSEQ'] : STATUS_ITEMS;
    for (const mailbox of others) await this.output.write(statusLine(mailbox, items));
  }
}
