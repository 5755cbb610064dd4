import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientBytes, unstuffed } from './client-bytes.ts';
import type { FaultPlans, SmtpCut, SmtpFault, SmtpPoint } from './faults.ts';

/** One command as it came; `AUTH` holds the mechanism only, `BODY` nothing. */
export interface SmtpCommand {
  readonly connection: number;
  readonly name: SmtpPoint | string;
  readonly args: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isSecure: boolean;
}

/** A mail that the server took over. */
export interface AcceptedMail {
  readonly connection: number;
  readonly user: string | null;
  readonly from: string;
  /** Parameters of MAIL, e.g. `SIZE=120`. */
  readonly params: readonly string[];
  readonly to: readonly string[];
  /** The mail itself. Empty where bodies are not kept. */
  readonly raw: Buffer;
  /** As it came, with doubled dots and the dot that ended it. */
  readonly wire: Buffer;
  readonly wireBytes: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a session needs of its server. */
export interface SmtpHost {
  readonly plans: FaultPlans;
  readonly keepsBodies: boolean;
  capabilities(session: { isSecure: boolean; user: string | null }): readonly string[];
  canOffer(name: string): boolean;
  logIn(mechanism: string, message: string): string | null;
  record(command: SmtpCommand): void;
  noteBytes(connection: number, bytes: Buffer): void;
  /** Numbers and keeps the mail; gives the name it has in the queue. */
  accept(mail: AcceptedMail): Promise<string>;
  reply(command: SmtpCommand): Promise<string | undefined>;
  /** The handshake, with its fault if one is planned. */
  secure(socket: Socket, raw: Socket): Promise<Socket>;
  breakOff(cut: SmtpCut, socket: Socket, raw: Socket): Promise<void>;
}

/** Thrown to leave a conversation whose connection was broken off. */
class BrokenOff extends Error {}

/** Thrown to leave a log-in in which something else was said. */
class SaidOtherwise extends Error {}

interface Transaction {
  from: string;
  params: string[];
  to: string[];
}

/** One conversation of the scripted server (RFC 5321, 4954, 3207, 3030). */
export class SmtpSession {
  readonly #host: SmtpHost;
  readonly #number: number;
  readonly #raw: Socket;
  #socket: Socket;
  #input: ClientBytes;
  #isSecure: boolean;
  #user: string | null = null;
  #mail: Transaction | null = null;
  #chunks: Buffer[] = [];

  constructor(host: SmtpHost, raw: Socket, socket: Socket, number: number, isSecure: boolean) {
    this.#host = host;
    this.#raw = raw;
    this.#socket = socket;
    this.#number = number;
    this.#isSecure = isSecure;
    this.#input = new ClientBytes(socket, (bytes) => host.noteBytes(number, bytes));
  }

  async run(greeting: string): Promise<void> {
    try {
      await this.#step('greeting', () => Promise.resolve(greeting), false);
      for (let line = await this.#input.line(); line !== null; line = await this.#input.line()) await this.#command(line);
      this.#socket.end();
    } catch (error) {
      if (!(error instanceof BrokenOff)) this.#raw.destroy();
    }
  }

  async #command(line: string): Promise<void> {
    const [word = '', ...rest] = line.split(' ');
    const name = word.toUpperCase();
    const args = rest.join(' ');
    this.#record(name, name === 'AUTH' ? (rest[0] ?? '') : args);
    const work = this.#works[name];
    if (!work) return void (await this.#step(name, () => Promise.resolve('500 5.5.1 what?')));
    await work(args);
  }

  readonly #works: Readonly<Record<string, (args: string) => Promise<void>>> = {
    EHLO: (name) => this.#step('EHLO', () => this.#ehlo(name)),
    HELO: () => this.#step('HELO', () => Promise.resolve('250 smtp.test')),
    STARTTLS: () => this.#startTls(),
    AUTH: (args) => this.#step('AUTH', () => this.#auth(args).catch(silentWhere(SaidOtherwise))),
    MAIL: (args) => this.#step('MAIL', () => this.#from(args)),
    RCPT: (args) => this.#step('RCPT', () => this.#to(args)),
    DATA: () => this.#data(),
    BDAT: (args) => this.#bdat(args),
    RSET: () => this.#step('RSET', () => this.#reset()),
    NOOP: () => this.#step('NOOP', () => Promise.resolve('250 2.0.0 Ok')),
    QUIT: async () => {
      await this.#step('QUIT', () => Promise.resolve('221 2.0.0 Bye'));
      this.#socket.end();
      throw new BrokenOff();
    },
  };

  /** One point of the conversation: its fault, or what the server does. */
  async #step(point: string, work: () => Promise<string>, isAsked = true): Promise<void> {
    await this.#carryOut(this.#host.plans.at(point as SmtpPoint), work, isAsked);
  }

  /** True when the usual was done. */
  async #carryOut(fault: SmtpFault | null, work: () => Promise<string>, isAsked = true): Promise<boolean> {
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    const isReplaced = fault?.reply !== undefined || fault?.bytes !== undefined;
    if (fault && isReplaced) this.#write(fault.bytes ?? lines(fault.reply ?? ''));
    if (fault?.cut && (isReplaced || (fault.when ?? 'before') === 'before')) return this.#break(fault);
    if (isReplaced) return false;
    const scripted = isAsked ? await this.#host.reply(this.#last as SmtpCommand) : undefined;
    const isUsual = scripted === undefined || /^[23]/.test(scripted);
    const usual = isUsual ? await work() : '';
    const answer = scripted ?? usual;
    if (fault?.when === 'unanswered') return this.#break(fault);
    if (answer !== '') this.#write(lines(answer));
    if (fault?.when === 'after') return this.#break(fault);
    return isUsual;
  }

  async #break(fault: SmtpFault): Promise<never> {
    this.#input.detach();
    await this.#host.breakOff(fault.cut ?? 'end', this.#socket, this.#raw);
    throw new BrokenOff();
  }

  async #ehlo(name: string): Promise<string> {
    if (name === '') return '501 5.5.4 name?';
    this.#mail = null;
    const offered = this.#host.capabilities({ isSecure: this.#isSecure, user: this.#user });
    return ['smtp.test greets you', ...offered].map((line, i, all) => `250${i === all.length - 1 ? ' ' : '-'}${line}`).join('\n');
  }

  async #startTls(): Promise<void> {
    const isDone = await this.#carryOut(this.#host.plans.at('STARTTLS'), () =>
      Promise.resolve(this.#host.canOffer('STARTTLS') && !this.#isSecure ? '220 2.0.0 go ahead' : '502 5.5.1 no'),
    );
    if (!isDone || this.#isSecure || !this.#host.canOffer('STARTTLS')) return;
    this.#input.detach();
    this.#socket = await this.#host.secure(this.#socket, this.#raw);
    this.#input = new ClientBytes(this.#socket, (bytes) => this.#host.noteBytes(this.#number, bytes));
    this.#isSecure = true;
    this.#user = null;
  }

  async #auth(args: string): Promise<string> {
    const [mechanism = '', initial] = args.split(' ');
    const offered = this.#host.capabilities({ isSecure: this.#isSecure, user: this.#user }).find((line) => line.startsWith('AUTH '));
    if (!offered?.split(' ').slice(1).includes(mechanism.toUpperCase())) return '504 5.5.4 unknown mechanism';
    if (mechanism.toUpperCase() === 'LOGIN') {
      const name = await this.#challenge('VXNlcm5hbWU6');
      const password = await this.#challenge('UGFzc3dvcmQ6');
      this.#user = this.#host.logIn('PLAIN', `\0${name}\0${password}`);
    } else {
      const message = initial === undefined ? await this.#challenge('') : Buffer.from(initial, 'base64').toString('utf8');
      this.#user = this.#host.logIn(mechanism.toUpperCase(), message);
    }
    const user = this.#user;
    this.#user = null;
    await this.#authStep();
    this.#user = user;
    if (this.#user !== null) return '235 2.7.0 Authentication successful';
    if (/^(XOAUTH2|OAUTHBEARER)$/i.test(mechanism)) await this.#challenge(Buffer.from('{"status":"401"}').toString('base64'));
    return '535 5.7.8 Authentication credentials invalid';
  }

  async #authStep(): Promise<void> {
    const isUsual = await this.#carryOut(this.#host.plans.at('AUTH-STEP'), () => Promise.resolve(''), false);
    if (!isUsual) throw new SaidOtherwise();
  }

  async #challenge(text: string): Promise<string> {
    await this.#authStep();
    this.#write(`334 ${text}\r\n`);
    return Buffer.from((await this.#input.line()) ?? '', 'base64').toString('utf8');
  }

  async #from(args: string): Promise<string> {
    const match = /^FROM:<([^>]*)>((?: \S+)*)$/i.exec(args);
    if (!match) return '501 5.5.4 syntax';
    if (this.#user === null && this.#host.capabilities({ isSecure: this.#isSecure, user: null }).some((line) => line.startsWith('AUTH '))) {
      return '530 5.7.0 Authentication required';
    }
    if (this.#mail) return '503 5.5.1 nested MAIL';
    const params = (match[2] ?? '').split(' ').filter((param) => param !== '');
    const refused = params.find((param) => !this.#host.canOffer(paramKeyword(param)));
    if (refused !== undefined) return '555 5.5.4 parameter not offered';
    const size = /^SIZE=(\d+)$/i.exec(params.find((param) => /^SIZE=/i.test(param)) ?? '')?.[1];
    const limit = this.#sizeLimit();
    if (size !== undefined && limit > 0 && Number(size) > limit) return '552 5.3.4 too large';
    this.#mail = { from: match[1] ?? '', params, to: [] };
    return '250 2.1.0 Ok';
  }

  #sizeLimit(): number {
    const line = this.#host.capabilities({ isSecure: this.#isSecure, user: this.#user }).find((one) => /^SIZE\b/.test(one));
    return Number(line?.split(' ')[1] ?? 0);
  }

  async #to(args: string): Promise<string> {
    const match = /^TO:<([^>]+)>((?: \S+)*)$/i.exec(args);
    if (!match) return '501 5.5.4 syntax';
    if (!this.#mail) return '503 5.5.1 MAIL first';
    this.#mail.to.push(match[1] ?? '');
    return '250 2.1.5 Ok';
  }

  async #data(): Promise<void> {
    const isGranted = await this.#carryOut(this.#host.plans.at('DATA'), async () => {
      if (!this.#mail) return '503 5.5.1 MAIL first';
      return this.#mail.to.length === 0 ? '554 5.5.1 no valid recipients' : '354 end with <CRLF>.<CRLF>';
    });
    if (!isGranted || !this.#mail || this.#mail.to.length === 0) return;
    const fault = this.#host.plans.at('BODY');
    const from = fault?.afterBytes;
    const body = await this.#input.body((bytes) => from !== undefined && bytes >= from, this.#host.keepsBodies);
    if (!body && fault && from !== undefined) {
      if (fault.reply !== undefined || fault.bytes !== undefined) this.#write(fault.bytes ?? lines(fault.reply ?? ''));
      await this.#break({ ...fault, cut: fault.cut ?? 'stall' });
    }
    if (!body) return;
    this.#record('BODY', '');
    const isUsual = await this.#carryOut(from === undefined ? fault : null, () =>
      this.#accept(this.#host.keepsBodies ? unstuffed(body.wire) : body.wire, body.wire, body.bytes),
    );
    if (!isUsual) this.#mail = null;
  }

  /** CHUNKING (RFC 3030): offered for clients other than ours. */
  async #bdat(args: string): Promise<void> {
    const [size = '', last] = args.split(' ');
    this.#chunks.push(await this.#input.exactly(Number(size)));
    if (last?.toUpperCase() !== 'LAST') return this.#write('250 2.0.0 Ok\r\n');
    const raw = Buffer.concat(this.#chunks);
    this.#chunks = [];
    await this.#step('BODY', () => (this.#mail ? this.#accept(raw, raw, raw.length) : Promise.resolve('503 5.5.1 MAIL first')));
  }

  async #accept(raw: Buffer, wire: Buffer, wireBytes: number): Promise<string> {
    const { from, params, to } = this.#mail as Transaction;
    this.#mail = null;
    const mail = { connection: this.#number, user: this.#user, from, params, to, raw, wire, wireBytes, at: Date.now() };
    return `250 2.0.0 Ok: queued as ${await this.#host.accept(mail)}`;
  }

  async #reset(): Promise<string> {
    this.#mail = null;
    return '250 2.0.0 Ok';
  }

  #last: SmtpCommand | null = null;

  #record(name: string, args: string): void {
    this.#last = { connection: this.#number, name, args, at: Date.now(), isSecure: this.#isSecure };
    this.#host.record(this.#last);
  }

  #write(bytes: string | Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }
}

const silentWhere =
  (kind: typeof SaidOtherwise) =>
  (error: unknown): string => {
    if (error instanceof kind) return '';
    throw error;
  };

const lines = (text: string): string => `${text.replaceAll('\r', '').split('\n').join('\r\n')}\r\n`;

function paramKeyword(param: string): string {
  const name = (param.split('=')[0] ?? '').toUpperCase();
  return name === 'BODY' ? '8BITMIME' : name;
}
