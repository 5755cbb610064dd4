import type { ErrorCode, PackedError } from '../../../shared/errors.ts';
import { kindOf, type Look } from './health.ts';

/** Codes by which a server has answered in order, and the mail was the trouble. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set(['recipients-refused', 'message-too-large-for-server', 'address-not-supported']);

/** Takes the outcomes of submissions to one server as looks at it. */
export class SubmissionLooks {
  #refusedMail: number | null = null;

  /**
   * The look that an outcome is, or null where it tells nothing (of the server, or anew). A refusal for good is about the mail;
   * so may be one for now that names it, until another mail meets the same.
   *
   * @param error null when the server took the mail
   * @param mail the mail, where its refusal may be about it alone
   */
  take(error: Pick<PackedError, 'code' | 'retry'> | null, mail: number | null): Pick<Look, 'source' | 'isGood' | 'code'> | null {
    const kind = error === null ? null : kindOf(error.code);
    if (error !== null && kind === null && !ANSWERS.has(error.code)) return null;
    const isGood = error === null || kind === null || (kind === 'refusal' && error.retry !== 'later');
    if (isGood) this.#refusedMail = null;
    else if (kind === 'refusal' && mail !== null) {
      if (this.#refusedMail === mail) return null;
      this.#refusedMail = mail;
    }
    return { source: 'submission', isGood, code: isGood ? null : error.code };
  }
}
