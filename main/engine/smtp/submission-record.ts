import { MailError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { DeliveryVerdict, SubmissionPhase } from '../../../shared/model/outbox.ts';
import type { RecipientReply, SubmissionResult, SubmitOptions } from './gateway.ts';
import type { Reply } from './reply.ts';

/** How a submission ended, for every recipient that no reply of its own had settled before. */
export interface SubmissionEnd {
  readonly verdict: DeliveryVerdict;
  readonly reply: Reply | null;
  readonly error: MailError | null;
  readonly queueId: string | null;
}

/** The caller's own part failed (a commit, the source of the mail), not the conversation. */
export class CallerFailure extends Error {
  override readonly name = 'CallerFailure';
}

/** What is known of a running submission: how far it has come and what was said for each recipient. */
export class SubmissionRecord {
  #phase: SubmissionPhase = 'connect';
  readonly #addresses: readonly string[];
  readonly #options: SubmitOptions;
  readonly #settled = new Map<string, RecipientReply>();

  constructor(addresses: readonly string[], options: SubmitOptions) {
    this.#addresses = addresses;
    this.#options = options;
  }

  get phase(): SubmissionPhase {
    return this.#phase;
  }

  /** From here on silence does not mean that nothing was taken. */
  get hasBodyBegun(): boolean {
    return this.#phase === 'body' || this.#phase === 'data-sent' || this.#phase === 'replied';
  }

  /** Tells the caller that a phase begins, and waits for it. @throws CallerFailure; the phase has not begun then */
  async enter(phase: SubmissionPhase): Promise<void> {
    try {
      await this.#options.onPhase(phase, [...this.#settled.values()]);
    } catch (cause) {
      throw new CallerFailure('phase not recorded', { cause });
    }
    this.#phase = phase;
  }

  /** Notes a reply that settled one recipient. */
  settle(address: string, verdict: DeliveryVerdict, reply: Reply): void {
    this.#settled.set(address, recipientReply(address, verdict, reply));
  }

  /** Closes the record. What a reply has settled before stays as it is. */
  result(end: SubmissionEnd): SubmissionResult {
    const recipients = this.#addresses.map((address) => this.#settled.get(address) ?? recipientReply(address, end.verdict, end.reply));
    return {
      verdict: overall(end.verdict, recipients),
      phase: this.#phase,
      recipients,
      replyCode: end.reply?.code ?? null,
      reply: end.reply?.text ?? null,
      enhancedCode: end.reply?.enhancedCode ?? null,
      queueId: end.queueId,
      error: end.error ?? refusedError(recipients, this.#options.side),
    };
  }
}

function recipientReply(address: string, verdict: DeliveryVerdict, reply: Reply | null): RecipientReply {
  return { address, verdict, replyCode: reply?.code ?? null, reply: reply?.text ?? null, enhancedCode: reply?.enhancedCode ?? null };
}

function overall(end: DeliveryVerdict, recipients: readonly RecipientReply[]): DeliveryVerdict {
  if (end === 'accepted' || end === 'unknown') return end;
  return recipients.every(({ verdict }) => verdict === 'permanent') ? 'permanent' : 'transient';
}

function refusedError(recipients: readonly RecipientReply[], side: Side): MailError | null {
  const refused = recipients.filter(({ verdict }) => verdict !== 'accepted');
  if (refused.length === 0) return null;
  const retry = refused.some(({ verdict }) => verdict === 'transient') ? 'later' : 'never';
  const detail = `${refused.length} of ${recipients.length}`;
  return new MailError('recipients-refused', { scope: 'message', retry, side, detail });
}
