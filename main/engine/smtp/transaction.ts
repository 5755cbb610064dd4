import { MailError, type ErrorCode } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { CheckedRequest } from './door.ts';
import { EHLO_NAME } from './nodemailer-session.ts';
import { queueIdOf } from './queue-id.ts';
import { DotStuffing, piecesOf, RawInspection } from './raw-bytes.ts';
import type { ReplyChannel } from './reply-channel.ts';
import { isTooManyRecipients, meaningOf, refusalError, type ReplyMeaning } from './reply-meaning.ts';
import { ReplyViolation } from './reply-reader.ts';
import type { Reply } from './reply.ts';
import { offersOf, type ServerOffers } from './server-offers.ts';
import { CallerFailure, type SubmissionEnd, type SubmissionRecord } from './submission-record.ts';
import type { SubmitTimes } from './submit-times.ts';

/** One mail transaction over a logged-in connection (RFC 5321 3.3), a command at a time. */
export class Transaction {
  readonly #channel: ReplyChannel;
  readonly #mail: CheckedRequest;
  readonly #record: SubmissionRecord;
  readonly #times: SubmitTimes;
  readonly #side: Side;
  /** Whether the server expects a command now, so that QUIT would be understood. */
  #isAtCommand = true;

  constructor(channel: ReplyChannel, mail: CheckedRequest, record: SubmissionRecord, options: { times: SubmitTimes; side: Side }) {
    this.#channel = channel;
    this.#mail = mail;
    this.#record = record;
    this.#times = options.times;
    this.#side = options.side;
  }

  /** Carries it out and ends the connection. @throws what broke the conversation; the record says how far it had come */
  async run(): Promise<SubmissionEnd> {
    let isOver = false;
    try {
      const end = (await this.#beginning()) ?? (await this.#recipients()) ?? (await this.#data()) ?? (await this.#body());
      isOver = true;
      return end;
    } finally {
      if (isOver && this.#isAtCommand) this.#channel.quit();
      else this.#channel.destroy();
    }
  }

  async #beginning(): Promise<SubmissionEnd | null> {
    const ehlo = await this.#ask(`EHLO ${EHLO_NAME}`, this.#times.commandMs);
    const greeted = this.#judge(ehlo);
    // What is said before MAIL is about the session, not about this mail.
    if (greeted) return { ...greeted, verdict: 'transient' };
    const offers = offersOf(ehlo);
    const missing = this.#missing(offers);
    if (missing) return { verdict: 'permanent', reply: null, error: missing, queueId: null };
    await this.#record.enter('mail');
    return this.#judge(await this.#ask(this.#mailCommand(offers), this.#times.commandMs));
  }

  /** Why this server cannot take this mail, told before anything of it is sent. */
  #missing(offers: ServerOffers): MailError | null {
    const refuse = (code: ErrorCode, detail: string) => new MailError(code, { scope: 'message', retry: 'never', side: this.#side, detail });
    const { sizeBytes, has8Bit, needsUtf8 } = this.#mail;
    if (offers.maxSizeBytes !== null && sizeBytes > offers.maxSizeBytes) {
      return refuse('message-too-large-for-server', `${sizeBytes} bytes, ${offers.maxSizeBytes} taken`);
    }
    if (needsUtf8 && !offers.takesUtf8) return refuse('address-not-supported', 'SMTPUTF8 is not offered');
    if (has8Bit && !offers.takes8Bit) return refuse('smtp-refused', '8BITMIME is not offered');
    return null;
  }

  #mailCommand(offers: ServerOffers): string {
    const params = [
      ...(offers.takesSize ? [`SIZE=${this.#mail.sizeBytes}`] : []),
      ...(this.#mail.has8Bit ? ['BODY=8BITMIME'] : []),
      ...(this.#mail.needsUtf8 ? ['SMTPUTF8'] : []),
    ];
    return [`MAIL FROM:<${this.#mail.from}>`, ...params].join(' ');
  }

  async #recipients(): Promise<SubmissionEnd | null> {
    await this.#record.enter('recipients');
    let last: SubmissionEnd | null = null;
    let accepted = 0;
    const { to } = this.#mail;
    for (const [n, { address, wire }] of to.entries()) {
      const reply = await this.#ask(`RCPT TO:<${wire}>`, this.#times.commandMs);
      const end = this.#judge(reply);
      if (end && this.#meaning(reply).endsSession) return end;
      if (end && accepted > 0 && isTooManyRecipients(reply)) {
        // Said of all that follow. Servers count each of them as an error, and close after some.
        for (const one of to.slice(n)) this.#record.settle(one.address, end.verdict, reply);
        return null;
      }
      if (end) this.#record.settle(address, end.verdict, reply);
      else accepted += 1;
      last = end ?? last;
    }
    // Nobody is left: each has a reply of their own, and the summary of them is the error.
    return accepted > 0 ? null : { verdict: 'transient', reply: last?.reply ?? null, error: null, queueId: null };
  }

  async #data(): Promise<SubmissionEnd | null> {
    await this.#record.enter('data');
    const end = this.#judge(await this.#ask('DATA', this.#times.dataMs));
    this.#isAtCommand = end !== null;
    return end;
  }

  async #body(): Promise<SubmissionEnd> {
    await this.#record.enter('body');
    const early = (await this.#sendPieces()) ?? this.#early();
    if (early) return early;
    await this.#record.enter('data-sent');
    // Whatever came until now was said before the mail was complete.
    const stillEarly = this.#early();
    if (stillEarly) return stillEarly;
    await this.#channel.write(this.#mail.endsWithLine ? '.\r\n' : '\r\n.\r\n', this.#times.blockMs);
    const reply = await this.#channel.reply(this.#times.replyMs);
    const end = this.#judge(reply) ?? { verdict: 'accepted', reply, error: null, queueId: queueIdOf(reply) };
    this.#isAtCommand = true;
    // The reply stands whether the caller could note the phase or not.
    await this.#record.enter('replied').catch(() => undefined);
    return end;
  }

  async #sendPieces(): Promise<SubmissionEnd | null> {
    const stuffing = new DotStuffing();
    const inspection = new RawInspection();
    for (const piece of sourceOf(this.#mail)) {
      if (inspection.take(piece)) throw new CallerFailure('source changed');
      await this.#channel.write(stuffing.stuff(piece), this.#times.blockMs);
      const early = this.#early();
      if (early) return early;
    }
    const hasChanged = inspection.end() !== null || inspection.sizeBytes + (inspection.endsWithLine ? 0 : 2) !== this.#mail.sizeBytes;
    if (hasChanged) throw new CallerFailure('source changed');
    return null;
  }

  /** A reply that came while the mail was being sent: a refusal is one, anything else is not an answer. */
  #early(): SubmissionEnd | null {
    const reply = this.#channel.takeUnasked();
    return reply && this.#judge(reply);
  }

  async #ask(command: string, ms: number): Promise<Reply> {
    const { reply, wasSent } = await this.#channel.command(command, ms);
    if (!wasSent && reply.code !== 421) throw new ReplyViolation('reply to nothing');
    return reply;
  }

  /** The end that a reply means, or null to go on. @throws ReplyViolation */
  #judge(reply: Reply): SubmissionEnd | null {
    const meaning = this.#meaning(reply);
    if (meaning.verdict === 'go-on') return null;
    if (meaning.verdict === 'violation') throw new ReplyViolation(`unexpected reply ${reply.code}`);
    return { verdict: meaning.verdict, reply, error: refusalError(reply, meaning, this.#side), queueId: null };
  }

  #meaning(reply: Reply): ReplyMeaning {
    return meaningOf(reply, this.#record.phase);
  }
}

function* sourceOf(mail: CheckedRequest): Generator<Uint8Array> {
  try {
    yield* piecesOf(mail.raw);
  } catch (cause) {
    throw new CallerFailure('source failed', { cause });
  }
}
