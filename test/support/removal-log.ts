import type { CountedMail } from './census.ts';
import { parseNumberSet } from './imap-script/number-set.ts';
import type { ProxiedCommand } from './imap-proxy.ts';

/** A mail at a place: whose it is, and whether it is live (neither marked as deleted nor gone). */
interface Placed {
  readonly subject: string;
  isLive: boolean;
}

export interface RemovalCounts {
  removals: number;
  violations: number;
}

export const newRemovalCounts = (): RemovalCounts => ({ removals: 0, violations: 0 });

const MARK = /^(\S+) (?:\([^)]*\) )?([+-]?)FLAGS(?:\.SILENT)? .*\\deleted/iu;

/** All numbers of a set; sets of a log name no more than a few hundred. */
function numbersOf(set: string): number[] {
  return (parseNumberSet(set, 0) ?? []).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
}

/**
 * Bar O11 by the order of a server's log: what is marked as deleted, expunged or overwritten by us stands elsewhere by then, as the answers
 * before have proved. Mails are told apart by their subjects, each of which is one mail's alone.
 */
export class RemovalLog {
  readonly #mails = new Map<string, Placed>();
  readonly #selected = new Map<number, string>();
  readonly #counts: RemovalCounts;
  readonly #mayGo: ReadonlySet<string>;

  /** @param mayGo subjects of what a person wants to be gone for good */
  constructor(counts: RemovalCounts, mayGo: ReadonlySet<string> = new Set()) {
    this.#counts = counts;
    this.#mayGo = mayGo;
  }

  /** Takes over what the server holds at this moment. */
  learn(mails: readonly CountedMail[]): void {
    this.#mails.clear();
    for (const { path, uid, subject, flags } of mails) this.#put(path, uid, subject, !flags.includes('\\Deleted'));
  }

  /** Reads on in the log; gives what was removed before its time, in words. */
  read(commands: readonly ProxiedCommand[]): string[] {
    return commands.flatMap((one) => this.#read(one));
  }

  #read(command: ProxiedCommand): string[] {
    const { connection, name, args, reply } = command;
    const isOk = reply?.startsWith('OK') === true;
    const from = this.#selected.get(connection) ?? '';
    switch (name) {
      case 'SELECT':
      case 'EXAMINE':
        this.#selected.set(connection, firstName(args));
        return [];
      case 'APPEND':
        if (isOk) this.#appended(command);
        return [];
      case 'UID COPY':
      case 'UID MOVE':
        if (isOk) this.#transferred(command, from);
        return [];
      case 'UID STORE':
        return this.#stored(command, from, isOk);
      case 'UID EXPUNGE': {
        const found = this.#removed(numbersOf(args.trim()), from, name);
        if (isOk) for (const uid of numbersOf(args.trim())) this.#mails.delete(keyOf(from, uid));
        return found;
      }
      case 'EXPUNGE':
      case 'CLOSE':
        this.#counts.violations += 1;
        return [`${name} in ${from}`];
      default:
        return [];
    }
  }

  #stored({ args, name }: ProxiedCommand, from: string, isOk: boolean): string[] {
    const [, set = '', sign] = MARK.exec(args) ?? [];
    if (set === '') return [];
    if (sign === '-') return [];
    const uids = numbersOf(set);
    const found = this.#removed(uids, from, name);
    if (isOk) for (const uid of uids) Object.assign(this.#mails.get(keyOf(from, uid)) ?? {}, { isLive: false });
    return found;
  }

  #removed(uids: readonly number[], from: string, name: string): string[] {
    return uids.flatMap((uid) => {
      const mail = this.#mails.get(keyOf(from, uid));
      this.#counts.removals += 1;
      if (mail !== undefined && (this.#mayGo.has(mail.subject) || this.#standsElsewhere(mail))) return [];
      this.#counts.violations += 1;
      return [`${name} of ${from}/${uid} (${mail?.subject ?? 'unknown'}) before its replacement was proved`];
    });
  }

  #standsElsewhere(mail: Placed): boolean {
    return [...this.#mails.values()].some((one) => one !== mail && one.isLive && one.subject === mail.subject);
  }

  #appended({ args, reply, literalHead }: ProxiedCommand): void {
    const uid = Number(/^OK \[APPENDUID \d+ (\d+)\]/iu.exec(reply ?? '')?.[1]);
    const subject = /^Subject: *(.*)$/imu.exec(literalHead)?.[1]?.trim() ?? '';
    this.#put(firstName(args), uid, subject, true);
  }

  #transferred({ name, args, copyUid }: ProxiedCommand, from: string): void {
    const [, sources = '', targets = ''] = (copyUid ?? '').split(' ');
    const to = firstName(args.slice(args.indexOf(' ') + 1));
    const targetUids = numbersOf(targets);
    for (const [at, uid] of numbersOf(sources).entries()) {
      const mail = this.#mails.get(keyOf(from, uid));
      if (mail !== undefined) this.#put(to, targetUids[at]!, mail.subject, mail.isLive);
      if (name === 'UID MOVE') this.#mails.delete(keyOf(from, uid));
    }
  }

  #put(path: string, uid: number, subject: string, isLive: boolean): void {
    this.#mails.set(keyOf(path, uid), { subject, isLive });
  }
}

const keyOf = (path: string, uid: number): string => `${path}/${uid}`;
/** The mailbox an argument list begins with; names of these tests need no decoding. */
const firstName = (args: string): string =>
  /^(?:"([^"]*)"|(\S+))/u
    .exec(args)
    ?.slice(1)
    .find((one) => one !== undefined) ?? '';
