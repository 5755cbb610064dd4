import { inSet, parseNumberSet } from './imap-script/number-set.ts';
import type { ScriptCommand, ScriptMessage, ScriptStore } from './imap-script.ts';

/** Whether what is about to be removed stands elsewhere, or in another form, as it should. */
export type IsKept = (source: ScriptMessage, store: ScriptStore) => boolean;

const isLive = (one: ScriptMessage): boolean => !one.flags.has('\\Deleted');

/** Another live message with the same bytes, in whatever mailbox. */
export const isKeptAsItIs: IsKept = (source, store) =>
  store.mailboxes.some((mailbox) => mailbox.messages.some((one) => one !== source && one.raw.equals(source.raw) && isLive(one)));

/**
 * Bar O11, looked at on the server when the command arrives and before it is carried out: nothing is marked as deleted or expunged before
 * its replacement stands. What would remove more than named messages (EXPUNGE, CLOSE in a mailbox with marked mail) is wrong by itself.
 */
export class RemovalWatch {
  readonly #isKept: IsKept;
  #removals = 0;
  #violations = 0;

  constructor(isKept: IsKept = isKeptAsItIs) {
    this.#isKept = isKept;
  }

  get figure(): { readonly removals: number; readonly violations: number } {
    return { removals: this.#removals, violations: this.#violations };
  }

  check(store: ScriptStore, { name, args, selected }: ScriptCommand): void {
    const isMark = /^(?:UID )?STORE$/u.test(name) && /\+?FLAGS(?:\.SILENT)? .*\\deleted/iu.test(args) && !/-FLAGS/iu.test(args);
    const mailbox = selected === null ? null : store.find(selected);
    if (mailbox === null) return;
    if (name === 'EXPUNGE' || (isMark && name === 'STORE')) this.#violations += 1;
    if (name === 'CLOSE' && mailbox.messages.some((one) => !isLive(one))) this.#violations += 1;
    if (name !== 'UID EXPUNGE' && !(isMark && name === 'UID STORE')) return;
    const set = parseNumberSet(args.split(' ')[0] ?? '', mailbox.uidNext - 1);
    if (set === null) throw new Error(`not a UID set: ${args}`);
    for (const message of mailbox.messages) {
      if (!inSet(set, message.uid)) continue;
      this.#removals += 1;
      if (!this.#isKept(message, store)) this.#violations += 1;
    }
  }
}
