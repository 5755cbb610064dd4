import { MailError, type ErrorCode, type ErrorScope, type Retry } from '../../../shared/errors.ts';
import type { ImapCaps, SelectedMailbox } from './gateway.ts';
import type { FetchSuspects } from './fetch-suspects.ts';
import type { MailboxNames } from './mailbox-names.ts';
import { quoted } from './wire/command-text.ts';
import type { Wire } from './wire/wire.ts';

/** What the parts of one session share. */
export interface SessionContext {
  readonly wire: Wire;
  /** As the server has told last: it may take back an extension in the middle of a session. */
  caps: ImapCaps;
  readonly names: MailboxNames;
  readonly suspects: FetchSuspects;
  /** Item that gives a message's lasting id on this server. */
  readonly emailIdItem: string | null;
  /** Silence of the server that a command endures. */
  readonly commandTimeoutMs: number;
  /** The mailbox that is open now; null while there is none. */
  selected: (SelectedMailbox & { readonly isForChange: boolean }) | null;
  /** There is none because its UIDVALIDITY changed while it was open. */
  isEpochLost: boolean;
}

/** A mailbox name as an argument. @throws MailError call-rejected */
export function mailboxArgument(context: SessionContext, path: string): string {
  return quoted(context.names.toWire(path), 'mailbox name');
}

/** An error of this side that does not end the session. */
export function localError(
  context: SessionContext,
  code: ErrorCode,
  of: { scope: Exclude<ErrorScope, 'connection'>; retry: Retry; detail?: string },
): MailError {
  return new MailError(code, { ...of, side: context.wire.side });
}

/** The open mailbox. @throws MailError uid-validity-changed since it was opened, call-rejected where none was */
export function selectedMailbox(context: SessionContext): SelectedMailbox {
  if (context.isEpochLost) throw localError(context, 'uid-validity-changed', { scope: 'mailbox', retry: 'later' });
  if (!context.selected) throw localError(context, 'call-rejected', { scope: 'mailbox', retry: 'never', detail: 'no mailbox is selected' });
  return context.selected;
}

/** The open mailbox, which has to be open for changes. @throws MailError call-rejected */
export function changeableMailbox(context: SessionContext): SelectedMailbox {
  selectedMailbox(context);
  if (!context.selected?.isForChange)
    throw localError(context, 'call-rejected', { scope: 'mailbox', retry: 'never', detail: 'selected for reading only' });
  return context.selected;
}
