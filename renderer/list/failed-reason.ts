import type { ErrorCode } from '../../shared/errors.ts';
import type { FailedChange } from '../../shared/model/action.ts';
import type { Words } from '../text/en.ts';

/** Of these a person can do something about it; the others speak of what has nothing to do with a change. */
const WITH_REMEDY: ReadonlySet<ErrorCode> = new Set([
  'server-hangs-up',
  'command-refused',
  'over-quota',
  'operation-unsafe',
  'mailbox-exists',
]);

/** Why a change was not carried over, and what helps. Pure. */
export function failedReason({ state, error }: Pick<FailedChange, 'state' | 'error'>, { actions: words, errors }: Words): string {
  if (state === 'conflict' || error === null) return words.failedStates[state];
  if (error.code === 'message-missing') return words.failedReasons.gone;
  // The relay keeps copies only: a message that stands nowhere else can be marked, and nothing more.
  if (error.code === 'operation-unsafe' && error.side === 'relay') return words.failedReasons.relayOnly;
  const { what, remedy } = errors[error.code];
  return WITH_REMEDY.has(error.code) ? `${what} ${remedy}` : what;
}
