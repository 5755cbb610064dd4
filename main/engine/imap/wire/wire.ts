import { limits } from '../../../../shared/limits.ts';
import { MailError } from '../../../../shared/errors.ts';
import type { Side } from '../../../../shared/model/account.ts';
import { classifyError } from '../../core/classify-error.ts';
import type { Clock } from '../../core/clock.ts';
import { isRationed, tooManyConnections } from '../quirks.ts';
import { capabilitiesOf, cutAnswer, keywordOf, type AnswerLine } from './answer-line.ts';
import type { CommandText } from './command-text.ts';
import { parseCompletion, RefusedError, type Completion } from './completion.ts';
import { Watchdog, type Patience, type Watched } from './watchdog.ts';

/** Largest answer that is accepted, in bytes; beyond it the connection ends. */
export interface AnswerBounds {
  readonly line: number;
  readonly literal: number;
}

/** The connection below: logged in, one command at a time. Implemented over imapflow in imapflow-gateway.ts. */
export interface WireClient extends Watched {
  readonly capabilities: ReadonlyMap<string, unknown>;
  /** Resolves or rejects with the tagged line, given as it came; rejects with the library's error otherwise. */
  exec(command: string, parts: readonly CommandText[], onContinue?: () => void): Promise<Buffer>;
  setBounds(bounds: AnswerBounds): void;
  /** Writes one line outside of a command's own text (DONE). */
  writeLine(line: string): void;
  /** Called for each untagged answer; a promise holds back the reading of the next one. */
  onAnswer: (payload: Buffer, literals: readonly Buffer[]) => void | Promise<void>;
  /** Called once when the connection has ended. */
  onEnd: () => void;
  /** Called before that with the reason, where there is one. */
  onError: (error: unknown) => void;
  logout(): Promise<void>;
  /** Ends at once, with all timers and sockets. */
  destroy(): void;
}

/** What takes an untagged answer of one keyword. */
export type AnswerHandler = (line: AnswerLine) => void | Promise<void>;

export interface RunOptions {
  readonly on?: Readonly<Record<string, AnswerHandler>>;
  readonly bounds?: AnswerBounds;
  /** Silence allowed instead of the usual one; Infinity for IDLE. */
  readonly silenceMs?: number;
  /** Silence that is told, instead of the usual one. */
  readonly overdueMs?: number;
  /** The server asks for more (IDLE: it is waiting). */
  readonly onContinue?: () => void;
}

export interface WireTimeouts {
  readonly commandTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly overdueMs: number;
}

const plainBounds: AnswerBounds = { line: limits.maxAnswerLineBytes, literal: limits.maxAnswerLiteralBytes };
/** Lines that are no IMAP at all: a server of another kind, or one that has lost its place. */
const MAX_GARBAGE_LINES = 1000;
/** Answers that end or govern the session and are imapflow's business as well. */
const BYE = 'BYE';

/** Runs commands and hands their answers out; everything that goes wrong comes out as MailError. */
export class Wire {
  readonly side: Side;
  readonly clock: Clock;
  readonly #client: WireClient;
  readonly #timeouts: WireTimeouts;
  readonly #watchdog: Watchdog;
  readonly #closed = new AbortController();
  #options: RunOptions | null = null;
  #failure: MailError | null = null;
  #endReason: MailError | null = null;
  #answers = 0;
  #garbage = 0;
  /** Takes what no command asked for: NOTIFY's news. */
  onUnsolicited: AnswerHandler = () => undefined;
  /** Told when the running command goes unanswered for long (true), and when an answer comes after all (false). */
  onSilence: (isSilent: boolean) => void = () => undefined;
  /** Told what the server offers from now on (RFC 9051 7.2.2): it may take back what it offered before. */
  onCapabilities: (names: readonly string[]) => void = () => undefined;

  constructor(client: WireClient, of: { side: Side; clock: Clock; timeouts: WireTimeouts }) {
    this.side = of.side;
    this.clock = of.clock;
    this.#client = client;
    this.#timeouts = of.timeouts;
    this.#watchdog = new Watchdog(of.clock, client, {
      onGiveUp: (reason) => this.end(this.error('server-timeout', reason)),
      onOverdue: (isOverdue) => this.onSilence(isOverdue),
    });
    client.onAnswer = (payload, literals) => this.#take(payload, literals);
    client.onEnd = () => this.#ended();
    client.onError = (error) => {
      this.#endReason ??= classifyError(error, this.side);
    };
  }

  get capabilities(): ReadonlyMap<string, unknown> {
    return this.#client.capabilities;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get isOpen(): boolean {
    return !this.#closed.signal.aborted && this.#endReason === null;
  }

  /** An error of scope connection of this side. */
  error(code: MailError['code'], detail = '', cause?: unknown): MailError {
    return new MailError(code, { scope: 'connection', retry: 'later', side: this.side, detail, cause });
  }

  /** Ends the connection at once; whatever is running rejects with this error. */
  end(reason: MailError): void {
    this.#endReason ??= reason;
    this.#client.destroy();
    this.#ended();
  }

  /**
   * Runs one command to its tagged OK.
   * @throws RefusedError for NO and BAD, MailError otherwise; of scope connection when the session has ended.
   */
  async run(command: string, parts: readonly CommandText[] = [], options: RunOptions = {}): Promise<Completion> {
    if (!this.isOpen) throw this.#reason();
    if (this.#options)
      throw new MailError('call-rejected', {
        scope: 'mailbox',
        retry: 'never',
        side: this.side,
        detail: `${command} while another command runs`,
      });
    this.#begin(options);
    let line: Buffer;
    try {
      line = await this.#client.exec(command, parts, options.onContinue);
      this.#watchdog.answered();
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#watchdog.stop();
      this.#options = null;
    }
    return this.#complete(command, line);
  }

  #begin(options: RunOptions): void {
    this.#options = options;
    this.#failure = null;
    this.#answers = 0;
    this.#client.setBounds(options.bounds ?? plainBounds);
    this.#watchdog.start(this.#patience(options));
  }

  /** A command that is given more time than usual is overdue by as much later. */
  #patience({ silenceMs, overdueMs }: Pick<RunOptions, 'silenceMs' | 'overdueMs'>): Patience {
    const { commandTimeoutMs, stallTimeoutMs, overdueMs: usualMs } = this.#timeouts;
    const allowedMs = silenceMs ?? commandTimeoutMs;
    return { silenceMs: allowedMs, stallMs: stallTimeoutMs, overdueMs: overdueMs ?? usualMs + Math.max(0, allowedMs - commandTimeoutMs) };
  }

  /** From now on the running command has to be answered within these times, or the usual ones. */
  expectAnswer(times: Pick<RunOptions, 'silenceMs' | 'overdueMs'>): void {
    this.#watchdog.change(this.#patience(times));
  }

  writeLine(line: string): void {
    if (this.isOpen) this.#client.writeLine(line);
  }

  /** Waits; ends early, without an error, by the signal or with the connection. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    for (const one of [signal, this.closed]) one.addEventListener('abort', wake, { once: true });
    if (signal.aborted || this.closed.aborted) wake();
    await this.clock.sleep(ms, woken.signal).catch(() => undefined); // woken: the caller looks why
    for (const one of [signal, this.closed]) one.removeEventListener('abort', wake);
  }

  /** LOGOUT, at most `ms`; then the end in any case. Never rejects. */
  async close(ms: number): Promise<void> {
    const isIdle = this.isOpen && !this.#options;
    this.#endReason ??= new MailError('cancelled', { scope: 'connection', retry: 'never', side: this.side, detail: 'closed by us' });
    if (isIdle) {
      this.#client.setBounds(plainBounds);
      const leave = new AbortController();
      const logout = this.#client.logout().catch(() => undefined); // best effort: the server may be gone already
      await Promise.race([logout, this.clock.sleep(ms, leave.signal).catch(() => undefined)]);
      leave.abort();
    }
    this.end(this.#endReason);
  }

  #complete(command: string, line: Buffer): Completion {
    const text = line.toString('latin1');
    const completion = parseCompletion(text);
    if (completion === null) throw this.#endWith(this.error('protocol-violation', 'tagged line'));
    this.#noteCapabilities(line);
    if (this.#failure) throw this.#failure;
    if (isRationed(command, completion, text)) throw this.#endWith(this.error('command-refused', 'over its limits for now'));
    if (completion.status !== 'OK') throw new RefusedError(command, completion, this.side);
    return completion;
  }

  #failed(error: unknown): MailError {
    if (this.#endReason) return this.#endReason;
    const mailError = classifyError(error, this.side);
    // The command never left this machine: the session is as it was.
    if (mailError.code === 'call-rejected')
      return new MailError('call-rejected', { scope: 'mailbox', retry: 'never', side: this.side, cause: error });
    return this.#endWith(mailError);
  }

  #endWith(error: MailError): MailError {
    this.end(error);
    return this.#reason();
  }

  #reason(): MailError {
    return this.#endReason ?? this.error('connection-lost');
  }

  #ended(): void {
    this.#watchdog.stop();
    if (!this.#closed.signal.aborted) this.#closed.abort(this.#reason());
  }

  #take(payload: Buffer, literals: readonly Buffer[]): void | Promise<void> {
    const keyword = keywordOf(payload);
    this.#count(keyword);
    if (!this.isOpen) return undefined;
    if (keyword === BYE) {
      this.#endReason ??= this.error(tooManyConnections.test(payload.toString('latin1')) ? 'too-many-connections' : 'server-bye');
      return undefined;
    }
    if (OFFERS.has(keyword)) this.#noteCapabilities(payload);
    // Once a command has failed, its answers mean nothing: after a change of UIDVALIDITY they would be of other messages.
    const asked = this.#failure === null ? this.#options?.on?.[keyword] : undefined;
    const handler = asked ?? (UNSOLICITED.has(keyword) ? this.onUnsolicited : null);
    if (!handler) return undefined;
    try {
      return handler(cutAnswer(payload, literals));
    } catch (error) {
      this.fail(error instanceof MailError ? error : this.error('protocol-violation', keyword, error));
      return undefined;
    }
  }

  #noteCapabilities(line: Buffer): void {
    const names = capabilitiesOf(line);
    if (names !== null) this.onCapabilities(names);
  }

  /** The running command fails with this error: at its end, or at once where the connection cannot be trusted any more. */
  fail(error: MailError): void {
    this.#failure ??= error;
    if (error.scope === 'connection') this.end(error);
  }

  #count(keyword: string): void {
    this.#answers += 1;
    if (keyword === '') this.#garbage += 1;
    if (this.#garbage > MAX_GARBAGE_LINES) this.end(this.error('protocol-violation', 'not IMAP'));
    else if (this.#answers > limits.maxUntaggedPerCommand) this.end(this.error('answer-too-large', 'too many answers'));
  }
}

const OFFERS = new Set(['CAPABILITY', 'OK']);
const UNSOLICITED = new Set(['STATUS', 'LIST', 'EXISTS', 'EXPUNGE', 'VANISHED', 'FETCH', 'OK', 'NO']);
