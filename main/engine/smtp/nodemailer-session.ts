import type { Socket } from 'node:net';
import { scheduler } from 'node:timers/promises';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { Credentials } from '../imap/gateway.ts';
import { submissionTls } from './open-socket.ts';
import { faultOfReply, MAX_REPLY_BYTES, type ReplyViolation } from './reply-reader.ts';
import { sendToken, tokenMessage } from './token-login.ts';

/** RFC 5321 4.1.3 literal: the machine's own name is nobody's business. */
export const EHLO_NAME = '[127.0.0.1]';

/** Times of reaching a server, milliseconds. */
export interface SessionTimes {
  /** Of the greeting, and of the handshake after STARTTLS. */
  readonly greetingMs: number;
  /** Silence. */
  readonly loginMs: number;
  /** All together. */
  readonly sessionMs: number;
}

/** A submission server through nodemailer's protocol engine: greeting, EHLO, STARTTLS and login. The only file that imports it. */
export class NodemailerSession {
  readonly #connection: SMTPConnection;
  readonly #socket: Socket;
  readonly #endpoint: Endpoint;
  readonly #side: Side;
  #isTakenOver = false;
  #isInjected = false;
  #violation: ReplyViolation | null = null;

  /** @throws MailError `ca-file-unreadable` */
  constructor(socket: Socket, endpoint: Endpoint, side: Side, times: SessionTimes) {
    const { security } = endpoint;
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#side = side;
    this.#connection = new SMTPConnection({
      connection: socket,
      host: endpoint.host,
      port: endpoint.port,
      secure: security === 'tls',
      secured: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'plain',
      name: EHLO_NAME,
      tls: submissionTls(endpoint, side),
      // nodemailer's limit for everything up to the end of STARTTLS; a slow greeting must not leave the handshake without time.
      connectionTimeout: times.sessionMs,
      greetingTimeout: times.greetingMs,
      socketTimeout: times.loginMs,
      socketCloseTimeout: 0,
      customAuth: { 'HOLDOVER-TOKEN': sendToken },
      maxResponseSize: MAX_REPLY_BYTES,
      transactionLog: true,
      logger: this.#ears(),
    });
  }

  /** Runs the work; an error of the connection or the signal ends it, and the socket is closed unless the work has taken it over. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let reject: (error: unknown) => void = () => undefined;
    const broken = new Promise<never>((_, fail) => {
      // nodemailer tells the end of a connection together with the reply that announced it: the reply goes first.
      reject = (error) => {
        const known = this.#violation ?? Object.assign(error as Error, { isProtected: this.#connection.secure });
        void scheduler.yield().then(() => fail(known));
      };
    });
    const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    this.#connection.on('error', reject);
    this.#connection.on('end', () => reject(Object.assign(new Error('connection ended'), { code: 'ECONNECTION' })));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    let isDone = false;
    try {
      const result = await Promise.race([work(), broken]);
      isDone = true;
      return result;
    } finally {
      signal.removeEventListener('abort', onAbort);
      broken.catch(() => undefined);
      if (!isDone || !this.#isTakenOver) this.close();
    }
  }

  /**
   * Greeting, EHLO and, where it is set, STARTTLS with a verified certificate.
   * @throws nodemailer's or TLS's error; MailError `tls-failed` when somebody spoke between STARTTLS and the handshake
   */
  async connect(): Promise<void> {
    await settled((done) => this.#connection.connect(done));
    if (!this.#isInjected) return;
    const detail = 'clear text between STARTTLS and the handshake';
    throw new MailError('tls-failed', { scope: 'connection', retry: 'ask', side: this.#side, detail });
  }

  /**
   * What nodemailer tells nobody but its log. It throws away what came in clear text after the leave for STARTTLS (RFC 3207 6): whoever sent
   * it stands between us and the server. And it takes a reply by its first digit, whatever follows: each is looked at before it is acted on.
   */
  #ears(): SMTPConnection.Options['logger'] {
    const deaf = () => undefined;
    const warn = (entry: unknown) => {
      if (typeof (entry as { discarded?: unknown }).discarded === 'number') this.#isInjected = true;
    };
    const debug = (entry: unknown, text?: unknown) => {
      if ((entry as { tnx?: unknown }).tnx === 'server' && typeof text === 'string') this.#check(text);
    };
    return { level: deaf, trace: deaf, debug, info: deaf, warn, error: deaf, fatal: deaf };
  }

  #check(reply: string): void {
    // What is left of a connection that is gone is half a reply, and no fault of it.
    const socket = this.#connection._socket;
    if (!socket || socket.destroyed) return;
    this.#violation ??= faultOfReply(reply);
    if (this.#violation) this.close();
  }

  /** @throws nodemailer's error; MailError `auth-mechanism-missing` */
  logIn(credentials: Credentials): Promise<void> {
    if (!this.#connection.allowsAuth) {
      const detail = 'server offers no AUTH';
      return Promise.reject(new MailError('auth-mechanism-missing', { scope: 'account', retry: 'ask', side: this.#side, detail }));
    }
    const { user, host, port } = this.#endpoint;
    if (credentials.type === 'password') {
      return settled((done) => this.#connection.login({ user, pass: credentials.password }, done));
    }
    const { mechanism, accessToken } = credentials;
    const initial = Buffer.from(tokenMessage(mechanism, { user, host, port, accessToken })).toString('base64');
    return settled((done) => this.#connection.login({ user, method: 'HOLDOVER-TOKEN', options: { mechanism, initial } }, done));
  }

  /** RSET. @throws nodemailer's error */
  reset(): Promise<void> {
    return settled((done) => this.#connection.reset(done));
  }

  /**
   * The connection itself, for commands of our own from here on: nodemailer reads it no more and keeps no time on it. The reader has to
   * listen before the next turn of the event loop. To be called once, after the login. @throws `ECONNECTION` when it is gone already
   */
  takeOver(): Socket {
    const socket = this.#connection._socket;
    if (!socket) throw Object.assign(new Error('connection ended'), { code: 'ECONNECTION' });
    this.#isTakenOver = true;
    socket.setTimeout(0);
    socket.removeAllListeners('data');
    return socket;
  }

  close(): void {
    this.#connection.close();
    this.#socket.destroy();
  }
}

function settled(run: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}
