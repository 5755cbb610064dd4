import { asUid, asUidValidity } from '../../../shared/model/ids.ts';
import type { SelectedMailbox } from './gateway.ts';
import { readStatus, runOnMailbox } from './read-mailboxes.ts';
import { localError, type SessionContext } from './session-context.ts';
import { responseCode } from './wire/answer-line.ts';
import { modSeqOf } from './wire/summary.ts';
import type { AnswerHandler } from './wire/wire.ts';

const MAX_32 = 0xffff_ffff;

interface Told {
  exists: number | null;
  uidValidity: number | null;
  uidNext: number | null;
  highestModSeq: bigint | null;
  permanentFlags: ReadonlySet<string> | null;
}

const nothing = (): Told => ({ exists: null, uidValidity: null, uidNext: null, highestModSeq: null, permanentFlags: null });

function number32(text: string): number | null {
  const value = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= MAX_32 ? value : null;
}

/** `(\Seen \* $Forwarded)`; what is no list says nothing. */
function flagSet(args: string): ReadonlySet<string> | null {
  const list = /^\(([^()]*)\)$/.exec(args.trim())?.[1];
  return list === undefined ? null : new Set(list.toLowerCase().split(' ').filter(Boolean));
}

/** Reads what SELECT tells. After [CLOSED] (RFC 7162 3.2.11) the answers are of the new mailbox; those before it were not. */
class SelectAnswers {
  told = nothing();

  readonly on: Readonly<Record<string, AnswerHandler>> = {
    EXISTS: ({ number }) => {
      this.told.exists = number;
    },
    OK: ({ text }) => {
      const code = responseCode(text);
      if (code) this.#code(code.name, code.args);
    },
  };

  #code(name: string, args: string): void {
    if (name === 'CLOSED') this.told = nothing();
    else if (name === 'UIDVALIDITY') this.told.uidValidity = number32(args);
    else if (name === 'UIDNEXT') this.told.uidNext = number32(args);
    else if (name === 'PERMANENTFLAGS') this.told.permanentFlags = flagSet(args);
    else if (name === 'NOMODSEQ') this.told.highestModSeq = null;
    else if (name === 'HIGHESTMODSEQ') this.told.highestModSeq = /^\d{1,19}$/.test(args) && !/^0+$/.test(args) ? BigInt(args) : null;
  }
}

/**
 * SELECT, or EXAMINE for reading. A mailbox without UIDVALIDITY has no lasting UIDs (RFC 9051 7.1): nothing in it could be
 * told again, so it is refused.
 * @throws MailError mailbox-missing, command-refused, answer-incomplete
 */
export async function selectMailbox(context: SessionContext, path: string, isForChange: boolean): Promise<SelectedMailbox> {
  const { caps } = context;
  const answers = new SelectAnswers();
  context.isEpochLost = false;
  context.selected = null; // RFC 9051 6.3.2: a refused SELECT leaves none open
  const parameter = caps.condstore && !caps.qresync ? ' (CONDSTORE)' : '';
  await runOnMailbox(context, path, isForChange ? 'SELECT' : 'EXAMINE', parameter, answers.on);
  const { exists, uidValidity, uidNext, highestModSeq, permanentFlags } = answers.told;
  if (exists === null || uidValidity === null)
    throw localError(context, 'answer-incomplete', { scope: 'mailbox', retry: 'later', detail: 'SELECT' });
  const next = uidNext === null ? (await readStatus(context, path)).uidNext : asUid(uidNext);
  const modSeq = highestModSeq === null ? null : modSeqOf(highestModSeq);
  const selected = { path, uidValidity: asUidValidity(uidValidity), uidNext: next, exists, highestModSeq: modSeq, permanentFlags };
  context.selected = { ...selected, isForChange };
  return selected;
}
