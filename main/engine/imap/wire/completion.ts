import { MailError, type ErrorCode, type ErrorScope, type Retry } from '../../../../shared/errors.ts';
import type { Side } from '../../../../shared/model/account.ts';

/** The tagged line that ends a command (RFC 9051 7.1). */
export interface Completion {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** Name of the response code in brackets, upper case; empty where there is none. */
  readonly code: string;
  /** What follows the name in the brackets. */
  readonly args: string;
}

/** A command that the server answered with NO or BAD. */
export class RefusedError extends MailError {
  readonly completion: Completion;
  /** Name of the command, upper case: `UID FETCH`. */
  readonly command: string;

  constructor(command: string, completion: Completion, side: Side) {
    const { code, scope, retry } = meaningOf(completion);
    super(code, { scope, retry, side, detail: detailOf(completion) });
    this.completion = completion;
    this.command = command;
  }
}

const COMPLETION = /^\S+ (OK|NO|BAD)(?: \[([A-Za-z0-9._/-]{1,60})(?: ([^\]]*))?\])?/i;

/** Reads a tagged line given one character a byte; null when it is none. */
export function parseCompletion(line: string): Completion | null {
  const match = COMPLETION.exec(line);
  if (!match) return null;
  return { status: (match[1] as string).toUpperCase() as Completion['status'], code: (match[2] ?? '').toUpperCase(), args: match[3] ?? '' };
}

/** Status and response code only: the server's own words may quote addresses and names. */
function detailOf({ status, code }: Completion): string {
  return code === '' ? status : `${status} [${code}]`;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly scope: ErrorScope;
  readonly retry: Retry;
}

/** Response codes of RFC 5530, 3501, 4469, 7889, 9208 and of large providers. */
const byCode: Readonly<Record<string, Meaning>> = {
  TRYCREATE: { code: 'mailbox-missing', scope: 'mailbox', retry: 'later' },
  NONEXISTENT: { code: 'mailbox-missing', scope: 'mailbox', retry: 'later' },
  ALREADYEXISTS: { code: 'mailbox-exists', scope: 'mailbox', retry: 'never' },
  OVERQUOTA: { code: 'over-quota', scope: 'mailbox', retry: 'ask' },
  TOOBIG: { code: 'message-too-large', scope: 'message', retry: 'never' },
  EXPUNGEISSUED: { code: 'message-missing', scope: 'mailbox', retry: 'later' },
  LIMIT: { code: 'command-refused', scope: 'mailbox', retry: 'later' },
  UNAVAILABLE: { code: 'command-refused', scope: 'mailbox', retry: 'later' },
  INUSE: { code: 'command-refused', scope: 'mailbox', retry: 'later' },
  SERVERBUG: { code: 'command-refused', scope: 'mailbox', retry: 'later' },
  NOPERM: { code: 'command-refused', scope: 'mailbox', retry: 'ask' },
  CANNOT: { code: 'command-refused', scope: 'mailbox', retry: 'never' },
  AUTHENTICATIONFAILED: { code: 'auth-rejected', scope: 'account', retry: 'ask' },
  AUTHORIZATIONFAILED: { code: 'auth-rejected', scope: 'account', retry: 'ask' },
  EXPIRED: { code: 'auth-rejected', scope: 'account', retry: 'ask' },
  PRIVACYREQUIRED: { code: 'tls-not-offered', scope: 'connection', retry: 'ask' },
};

function meaningOf({ status, code }: Completion): Meaning {
  const known = byCode[code];
  if (known) return known;
  if (status === 'BAD') return { code: 'protocol-violation', scope: 'mailbox', retry: 'later' };
  return { code: 'command-refused', scope: 'mailbox', retry: 'later' };
}
