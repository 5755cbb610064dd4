import { limits } from '../../../shared/limits.ts';
import type { MailboxStatus, RemoteMailbox } from './gateway.ts';
import { offers } from './imap-caps.ts';
import { localError, mailboxArgument, type SessionContext } from './session-context.ts';
import { isUsableName, readListLine, readStatusLine, toRemoteMailbox, type ListLine, type StatusLine } from './wire/list-answer.ts';
import { RefusedError } from './wire/completion.ts';
import type { AnswerHandler } from './wire/wire.ts';

function statusItems({ caps }: SessionContext): string {
  return `(MESSAGES UIDNEXT UIDVALIDITY UNSEEN${caps.condstore ? ' HIGHESTMODSEQ' : ''}${caps.objectId ? ' MAILBOXID' : ''})`;
}

/** Gathers LIST lines; the same name twice counts once. */
class Listing {
  readonly lines = new Map<string, ListLine>();
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  readonly take: AnswerHandler = ({ text, literals, at }) => {
    const line = readListLine(text, literals, at);
    if (!isUsableName(line.rawName)) return;
    this.lines.set(line.rawName, line);
    if (this.lines.size > limits.maxMailboxes) throw this.#context.wire.error('answer-too-large', 'too many mailboxes');
  };
}

/** All mailboxes (RFC 5258, 5819, 6154), in one round trip where the server can, else LIST and LSUB. */
export async function listMailboxes(context: SessionContext): Promise<readonly RemoteMailbox[]> {
  const { wire, caps } = context;
  const found = new Listing(context);
  const statuses = new Map<string, StatusLine>();
  const subscribed = new Listing(context);
  const STATUS: AnswerHandler = ({ text, literals, at }) => {
    const line = readStatusLine(text, literals, at);
    statuses.set(line.rawName, line);
    if (statuses.size > limits.maxMailboxes) throw wire.error('answer-too-large', 'too many mailboxes');
  };
  if (offers(wire.capabilities, 'LIST-EXTENDED')) {
    const wanted = [
      'SUBSCRIBED',
      ...(caps.specialUse ? ['SPECIAL-USE'] : []),
      ...(caps.listStatus ? [`STATUS ${statusItems(context)}`] : []),
    ];
    await wire.run('LIST', [`"" "*" RETURN (${wanted.join(' ')})`], { on: { LIST: found.take, STATUS } });
  } else {
    await wire.run('LIST', ['"" "*"'], { on: { LIST: found.take } });
    await wire.run('LSUB', ['"" "*"'], { on: { LSUB: subscribed.take, LIST: subscribed.take } });
  }
  return toMailboxes(context, found, statuses, subscribed);
}

function toMailboxes(
  context: SessionContext,
  found: Listing,
  statuses: ReadonlyMap<string, StatusLine>,
  subscribed: Listing,
): RemoteMailbox[] {
  const byPath = new Map<string, RemoteMailbox>();
  for (const line of found.lines.values()) {
    const path = context.names.toPath(line.rawName);
    const status = statuses.get(line.rawName) ?? (path === 'INBOX' ? (statuses.get('INBOX') ?? null) : null);
    byPath.set(path, toRemoteMailbox(line, path, subscribed.lines.has(line.rawName), status));
  }
  return [...byPath.values()];
}

/** STATUS of one mailbox. @throws MailError answer-incomplete when the line, or one of the counters, is missing. */
export async function readStatus(context: SessionContext, path: string): Promise<MailboxStatus> {
  let found: MailboxStatus | null = null;
  const STATUS: AnswerHandler = ({ text, literals, at }) => {
    const line = readStatusLine(text, literals, at);
    // News of other mailboxes may come in between (RFC 5465).
    if (context.names.toPath(line.rawName) === path) found = line.status ?? found;
  };
  await runOnMailbox(context, path, 'STATUS', ` ${statusItems(context)}`, { STATUS });
  if (found === null) throw localError(context, 'answer-incomplete', { scope: 'mailbox', retry: 'later', detail: 'STATUS' });
  return found;
}

/**
 * A command that takes a mailbox. Many servers refuse a missing one without the code that says so (RFC 5530): LIST tells.
 * @throws MailError mailbox-missing, command-refused
 */
export async function runOnMailbox(
  context: SessionContext,
  path: string,
  command: 'SELECT' | 'EXAMINE' | 'STATUS',
  rest: string,
  on: Readonly<Record<string, AnswerHandler>>,
): Promise<void> {
  try {
    await context.wire.run(command, [`${mailboxArgument(context, path)}${rest}`], { on });
  } catch (error) {
    const isUnexplained = error instanceof RefusedError && error.completion.status === 'NO' && error.code === 'command-refused';
    if (isUnexplained && !(await exists(context, path)))
      throw localError(context, 'mailbox-missing', { scope: 'mailbox', retry: 'later', detail: error.detail });
    throw error;
  }
}

async function exists(context: SessionContext, path: string): Promise<boolean> {
  const found = new Listing(context);
  await context.wire.run('LIST', [`"" ${mailboxArgument(context, path)}`], { on: { LIST: found.take } });
  // A name with wildcards finds others, too.
  const names = [...found.lines.values()];
  return names.some((line) => context.names.toPath(line.rawName) === path && !line.attributes.includes('\\nonexistent'));
}
