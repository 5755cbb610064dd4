import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandHead, isMutating } from './imap-command.ts';
import { LineAssembler, type LiteralMark, type LogicalLine } from './imap-wire.ts';
import { SECOND_CLIENT_ID } from './second-client.ts';

/** One command that Dovecot received after login. */
export interface LoggedCommand {
  readonly user: string;
  /** Name of the connection's log, unique to it. */
  readonly session: string;
  /** When it arrived, milliseconds since 1970. */
  readonly at: number;
  readonly tag: string;
  /** Upper case, with `UID ` where it was given. */
  readonly name: string;
  /** What follows the tag; literals appear as their mark only. */
  readonly text: string;
  /** True for all that could change a mailbox (also FETCH without PEEK, and CLOSE). */
  readonly isMutating: boolean;
}

/** A point in the log, as taken by `mark()`: the number of commands seen so far in each session. */
export type CommandMark = ReadonlyMap<string, number>;

/** Which commands of a log are asked for. */
export interface LogQuery {
  readonly withSecondClients?: boolean;
  /** Only this user's: the rest is not even read. */
  readonly user?: string;
}

const STAMP = /^(\d{9,11}\.\d{6}) /;
const STAMP_BYTES = 18;

// Each physical line is preceded by the time it came; message content can hold line ends of its own, so the stamps
// are taken off first and the rest is read as the stream that it was.
function* stampedLines(log: Buffer): Generator<{ at: number; line: Buffer }> {
  let at = 0;
  for (let from = 0; from < log.length;) {
    const end = log.indexOf(0x0a, from);
    const next = end < 0 ? log.length : end + 1;
    const stamp = STAMP.exec(log.subarray(from, from + STAMP_BYTES + 2).toString('latin1'));
    if (stamp) at = Number(stamp[1]) * 1000;
    yield { at, line: log.subarray(from + (stamp ? stamp[0].length : 0), next) };
    from = next;
  }
}

/** Continuations and tagged lines of what Dovecot sent: `+` or the tag, with their times. */
function answers(log: Buffer): { at: number; tag: string }[] {
  const found: { at: number; tag: string }[] = [];
  let at = 0;
  const assembler = new LineAssembler((line) => {
    if (!line.text.startsWith('* ')) found.push({ at, tag: line.text.split(' ', 1)[0] as string });
  });
  for (const stamped of stampedLines(log)) {
    at = stamped.at;
    assembler.push(stamped.line);
  }
  return found;
}

/**
 * The commands in one raw log (what Dovecot read from the client). `readAnswers` gives the log of the other direction;
 * it is read only where a client waited for leave to send a literal, to see whether it got that leave.
 */
export function parseRawlog(log: Buffer, user: string, session: string, readAnswers: () => Buffer): LoggedCommand[] {
  const commands: LoggedCommand[] = [];
  let at = 0;
  let sent: { at: number; tag: string }[] | null = null;
  const onLiteral = (mark: LiteralMark, text: string): void => {
    if (mark.isNonSync) return;
    sent ??= answers(readAnswers());
    const tag = commandHead(text)?.tag ?? '';
    const answer = sent.find((a) => a.at >= at && (a.tag === '+' || a.tag === tag));
    if (answer?.tag !== tag) return;
    assembler.dropLiteral();
    onLine({ text, parts: [text] });
  };
  const onLine = (line: LogicalLine): void => {
    const head = commandHead(line.text);
    if (!head) return;
    const text = line.text.slice(head.tag.length + 1);
    commands.push({ user, session, at, tag: head.tag, name: head.name, text, isMutating: isMutating(head.name, text) });
  };
  const assembler = new LineAssembler(onLine, onLiteral);
  for (const stamped of stampedLines(log)) {
    at = stamped.at;
    assembler.push(stamped.line);
  }
  return commands;
}

interface ParsedLog {
  readonly sizes: string;
  readonly commands: LoggedCommand[];
}

/** Reads the sessions of all users, or of one, below a rawlog folder, in order of time. */
export class RawlogReader {
  readonly #dir: string;
  /** What was parsed before, of logs that have not grown since: most connections are over. */
  readonly #parsed = new Map<string, ParsedLog>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  mark(user?: string): CommandMark {
    return new Map([...this.#sessions(user)].map(([session, commands]) => [session, commands.length]));
  }

  /** Commands after the mark; those of SecondClient sessions only when asked for. */
  commandsSince(mark: CommandMark | null, { withSecondClients = false, user }: LogQuery = {}): LoggedCommand[] {
    const found: LoggedCommand[] = [];
    for (const [session, commands] of this.#sessions(user)) {
      const isSecond = commands.some((c) => c.name === 'ID' && c.text.includes(SECOND_CLIENT_ID));
      if (!isSecond || withSecondClients) found.push(...commands.slice(mark?.get(session) ?? 0));
    }
    return found.sort((a, b) => a.at - b.at);
  }

  /** Removes the logs of a user; connections that are still open are no longer seen. */
  forget(user: string): void {
    if (!existsSync(this.#dir)) return;
    for (const file of readdirSync(join(this.#dir, user))) {
      rmSync(join(this.#dir, user, file));
      this.#parsed.delete(`${user}/${file}`);
    }
  }

  *#sessions(only?: string): Generator<[string, LoggedCommand[]]> {
    if (!existsSync(this.#dir)) return;
    for (const user of only === undefined ? readdirSync(this.#dir) : [only]) {
      for (const file of readdirSync(join(this.#dir, user)).filter((name) => name.endsWith('.in'))) {
        yield [`${user}/${file}`, this.#commandsOf(user, file)];
      }
    }
  }

  #commandsOf(user: string, file: string): LoggedCommand[] {
    const session = `${user}/${file}`;
    const path = join(this.#dir, user, file);
    const answersPath = path.replace(/in$/, 'out');
    const sizes = `${statSync(path).size} ${statSync(answersPath, { throwIfNoEntry: false })?.size ?? 0}`;
    const known = this.#parsed.get(session);
    if (known?.sizes === sizes) return known.commands;
    const commands = parseRawlog(readFileSync(path), user, session, () => readFileSync(answersPath));
    this.#parsed.set(session, { sizes, commands });
    return commands;
  }
}
