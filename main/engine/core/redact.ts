import { MailError } from '../../../shared/errors.ts';

/** What of an error may stand in a log: codes and places in our code, never its text. */
export interface RedactedError {
  readonly error: string;
  readonly code: string | null;
  readonly scope: string | null;
  readonly retry: string | null;
  readonly side: string | null;
  readonly detail: string | null;
  /** Function names and file names of the innermost frames, without folders (they hold the user's name). */
  readonly at: string | null;
  /** The same of what caused it, name and code only. */
  readonly cause: string | null;
}

const MAX_FRAMES = 6;
const SAFE_CODE = /^[A-Za-z][A-Za-z0-9_.-]{1,59}$/;
const FRAME = /^\s*at (?:(?:async )?([\w$.#<>[\] ]{1,80}?) )?\(?(?:[^()\s]*[/\\])?([\w.-]{1,80}:\d+)(?::\d+)?\)?$/;

/** The only formatter of errors for logs. Texts of foreign errors are dropped: they quote server answers, addresses, SQL, paths. */
export function redactError(error: unknown): RedactedError {
  const own = error instanceof MailError ? error : null;
  return {
    error: nameOf(error),
    code: own?.code ?? foreignCode(error),
    scope: own?.scope ?? null,
    retry: own?.retry ?? null,
    side: own?.side ?? null,
    detail: own && own.detail !== '' ? own.detail : null,
    at: frames(error),
    cause: describeCause(error),
  };
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return error === null ? 'null' : typeof error;
  return SAFE_CODE.test(error.name) ? error.name : 'Error';
}

function foreignCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && SAFE_CODE.test(code) ? code : null;
}

function describeCause(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined || cause === null) return null;
  const code = cause instanceof MailError ? cause.code : foreignCode(cause);
  return code === null ? nameOf(cause) : `${nameOf(cause)} ${code}`;
}

function frames(error: unknown): string | null {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return null;
  const found: string[] = [];
  for (const line of error.stack.split('\n')) {
    const match = FRAME.exec(line);
    if (!match) continue;
    found.push(match[1] ? `${match[1]} ${match[2]}` : `${match[2]}`);
    if (found.length === MAX_FRAMES) break;
  }
  return found.length === 0 ? null : found.join(' < ');
}
