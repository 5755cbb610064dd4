import type { Side } from '../../shared/model/account.ts';
import { withBcc } from '../../main/engine/store/bcc-header.ts';
import { startImapScript, type ImapScript, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { startSmtpScript, type AcceptedMail, type SmtpCommand, type SmtpScript } from '../support/smtp-script.ts';
import type { Strike } from './outbox-points.ts';
import { BLIND, sha256 } from './outbox-world.ts';

/** Bytes of a literal that still come when a server strikes inside one. */
const LITERAL_PART = 2_000;
/** A mail to one of these is not taken, or is taken, and its sender is never told. */
const LOST = /^(?:untaken|taken)@/u;

/** Servers of their own for each run that is under way: most of a run is waiting for the next try. */
export class Lane {
  /** Taken by the relay, a mail can be found there by its Message-ID. */
  hasCopies = true;
  /** What the primary's mailboxes do with a command, where that is nothing usual. */
  atPrimary: ((command: ScriptCommand) => ScriptAction | undefined) | null = null;
  readonly smtp: Readonly<Record<Side, SmtpScript>>;
  readonly primary: ImapScript;
  readonly relay: ImapScript;
  /** Ends the process that is running. */
  kill: () => Promise<void> = () => Promise.resolve();
  readonly #lost = new Set<string>();
  #strike: { readonly at: Strike; left: number; readonly isTaken: boolean } | null = null;

  private constructor(smtp: Record<Side, SmtpScript>, primary: ImapScript, relay: ImapScript) {
    this.smtp = smtp;
    this.primary = primary;
    this.relay = relay;
  }

  static async open(): Promise<Lane> {
    const relay = await startImapScript();
    const primary = await startImapScript({ onCommand: (command) => lane.#onCommand(command), onBytes: (chunk) => lane.#onBytes(chunk) });
    for (const server of [primary, relay]) server.store.create('Sent', { specialUse: '\\Sent' });
    const submission = (side: Side): Promise<SmtpScript> =>
      startSmtpScript({ reply: (command) => lane.#replyTo(side, command), onMail: (mail) => lane.#onMail(side, mail) });
    const lane: Lane = new Lane({ primary: await submission('primary'), relay: await submission('relay') }, primary, relay);
    return lane;
  }

  async close(): Promise<void> {
    for (const one of [this.primary, this.relay, ...Object.values(this.smtp)]) await one.close();
  }

  get ports() {
    const of = (one: Record<Side, { readonly port: number }>) => ({ primary: one.primary.port, relay: one.relay.port });
    return { smtp: of(this.smtp), imap: of({ primary: this.primary, relay: this.relay }) };
  }

  /** Kills the process at the n-th chance; null: never. @param isTaken whether a mail whose final dot has come is taken */
  strike(at: Strike | null, nth = 1, isTaken = true): void {
    this.#strike = at === null ? null : { at, left: nth, isTaken };
  }

  get connections(): number {
    return this.smtp.primary.openConnections + this.smtp.relay.openConnections;
  }

  taken(messageId: string): AcceptedMail[] {
    return [...this.smtp.primary.mails, ...this.smtp.relay.mails].filter(({ raw }) => raw.includes(messageId));
  }

  /** How often each recipient of a mail got it. */
  arrivals(messageId: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const mail of this.taken(messageId)) for (const to of mail.to) counts[to] = (counts[to] ?? 0) + 1;
    return counts;
  }

  copies(messageId: string): Buffer[] {
    return this.primary.store
      .get('Sent')
      .messages.map(({ raw }) => raw)
      .filter((raw) => raw.includes(messageId));
  }

  /** How many mails on the way and copies in Sent are not the bytes that were frozen (bar O4). */
  altered(messageId: string, frozen: string): { readonly compared: number; readonly different: number } {
    const field = Buffer.from(withBcc(Buffer.alloc(0), [BLIND]));
    const sent = this.taken(messageId).map(({ raw }) => sha256(raw));
    const copies = this.copies(messageId).map((raw) =>
      raw.subarray(0, field.length).equals(field) ? sha256(raw.subarray(field.length)) : '',
    );
    const all = [...sent, ...copies];
    return { compared: all.length, different: all.filter((one) => one !== frozen).length };
  }

  /** Forgets what was sent, so that large mails do not pile up. */
  forget(): void {
    for (const server of [this.primary, this.relay]) server.store.get('Sent').messages = [];
    for (const { mails } of Object.values(this.smtp)) (mails as AcceptedMail[]).length = 0;
  }

  #isHit(at: Strike): boolean {
    if (this.#strike?.at !== at || (this.#strike.left -= 1) > 0) return false;
    this.#strike = null;
    return true;
  }

  async #hit(at: Strike): Promise<boolean> {
    if (!this.#isHit(at)) return false;
    await this.kill();
    return true;
  }

  async #replyTo(side: Side, { name, args, connection }: SmtpCommand): Promise<string | undefined> {
    if (name === 'AUTH') await this.#hit('auth');
    if (name === 'BODY') return this.#atDot(side, connection);
    if (name !== 'RCPT') return undefined;
    await this.#hit('rcpt');
    if (args.includes('gone@')) return '550 5.1.1 no such person';
    if (!args.includes('slow@')) return undefined;
    // Puts one recipient off for as long as others get the mail too.
    return this.#recipients(side, connection).some((one) => one.startsWith('a@')) ? '450 4.2.1 later' : undefined;
  }

  async #atDot(side: Side, connection: number): Promise<string | undefined> {
    const isTaken = this.#strike?.isTaken ?? true;
    if (await this.#hit('dot')) return isTaken ? undefined : '451 4.3.0 not now';
    const lost = this.#recipients(side, connection).find((one) => LOST.test(one) && !this.#lost.has(one));
    if (lost === undefined) return undefined;
    this.#lost.add(lost);
    this.smtp[side].dropConnections('reset');
    return lost.startsWith('taken') ? undefined : '451 4.3.0 not now';
  }

  #recipients(side: Side, connection: number): string[] {
    const all = this.smtp[side].commands.filter((one) => one.connection === connection && one.name === 'RCPT');
    return all.map(({ args }) => /<([^>]*)>/u.exec(args)?.[1] ?? '');
  }

  async #onMail(side: Side, { raw }: AcceptedMail): Promise<void> {
    if (this.hasCopies && side === 'relay') {
      this.relay.store.get('Sent').add({ raw: Buffer.concat([Buffer.from('Received: by relay\r\n'), raw]) });
    }
    await this.#hit('taken');
  }

  async #onCommand(command: ScriptCommand): Promise<ScriptAction> {
    const action = this.atPrimary?.(command);
    if (action !== undefined) return action;
    if (command.name !== 'APPEND') return 'pass';
    if (await this.#hit('append-whole')) return { bye: 'gone' };
    await this.#hit('append-done');
    return 'pass';
  }

  #literalBytes: number | null = null;

  #onBytes(chunk: Buffer): void {
    if (this.#strike?.at !== 'append-literal') return;
    if (chunk.includes(' APPEND ')) this.#literalBytes = 0;
    if (this.#literalBytes === null) return;
    this.#literalBytes += chunk.length;
    if (this.#literalBytes < LITERAL_PART || !this.#isHit('append-literal')) return;
    this.#literalBytes = null;
    void this.kill();
    this.primary.dropConnections('reset');
  }
}
