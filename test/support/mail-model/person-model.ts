import type { ModelMailbox, ServerModel, Standing } from './server-model.ts';

/** What a person does here, as it was recorded. */
export type PersonOp =
  | { readonly kind: 'flag'; readonly of: Standing; readonly flag: string; readonly isSet: boolean }
  | { readonly kind: 'move' | 'copy'; readonly of: Standing; readonly to: ModelMailbox }
  | { readonly kind: 'trash' | 'erase'; readonly of: Standing }
  | { readonly kind: 'file'; readonly arriving: Standing; readonly to: ModelMailbox }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'rename'; readonly mailbox: ModelMailbox; readonly path: string }
  | { readonly kind: 'remove'; readonly mailbox: ModelMailbox };

/** What server and person last agreed on. */
interface Agreed {
  place: ModelMailbox;
  readonly flags: Set<string>;
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>, but: string | null): boolean =>
  [...a, ...b].every((flag) => flag === but || a.has(flag) === b.has(flag));

function put(flags: Set<string>, flag: string, isSet: boolean): void {
  if (isSet) flags.add(flag);
  else flags.delete(flag);
}

/**
 * What becomes of the person's changes once they reach the server: the three-way rule as `main/engine/oplog/README.md` promises it,
 * written down a second time. A change that meets another one is not carried out.
 */
export class PersonModel {
  readonly #server: ServerModel;
  readonly #trash: ModelMailbox;
  #agreed = new Map<Standing, Agreed>();
  #open: PersonOp[] = [];
  /** Carried out, and met by another change or refused. */
  readonly counts = { done: 0, shown: 0 };

  constructor(server: ServerModel, trash: ModelMailbox) {
    this.#server = server;
    this.#trash = trash;
  }

  get open(): readonly PersonOp[] {
    return this.#open;
  }

  /** Everything was looked at and nothing is open: from here on both sides' changes count. */
  agree(): void {
    if (this.#open.length > 0) throw new Error('changes are open');
    this.#agreed = new Map(
      this.#server
        .all()
        .flatMap((one) => (one.mailbox?.isMirrored ? [[one, { place: one.mailbox, flags: new Set(one.flags) }] as const] : [])),
    );
  }

  /** How a mail stood when both sides last agreed. */
  agreedOn(standing: Standing): Readonly<Agreed> | null {
    return this.#agreed.get(standing) ?? null;
  }

  /** Whether a change that is open has to do with this mailbox. */
  concerns(mailbox: ModelMailbox): boolean {
    return this.#open.some(
      (op) =>
        ('to' in op && op.to === mailbox) ||
        ('mailbox' in op && op.mailbox === mailbox) ||
        ('of' in op && (op.of.mailbox === mailbox || this.#agreed.get(op.of)?.place === mailbox)),
    );
  }

  /** Whether it is to get another name, or to go. */
  changes(mailbox: ModelMailbox): boolean {
    return this.#open.some((op) => 'mailbox' in op && op.mailbox === mailbox);
  }

  hasOpen(standing: Standing): boolean {
    return this.#open.some((op) => 'of' in op && op.of === standing);
  }

  /** Whether the person sees this flag: as agreed, with what is recorded since. */
  shows(standing: Standing, flag: string): boolean {
    const last = this.#open.findLast((op) => op.kind === 'flag' && op.of === standing && op.flag === flag);
    return last?.kind === 'flag' ? last.isSet : (this.#agreed.get(standing)?.flags.has(flag) ?? false);
  }

  record(op: PersonOp): void {
    this.#open.push(op);
  }

  /** Everything recorded reaches the server. */
  replay(): void {
    const ops = this.#open;
    this.#open = [];
    ops.forEach((op, at) => {
      const isDone = 'of' in op ? this.#onMail(op, ops.slice(at + 1)) : this.#onMailbox(op);
      this.counts[isDone ? 'done' : 'shown'] += 1;
    });
  }

  #onMail(op: Extract<PersonOp, { of: Standing }>, later: readonly PersonOp[]): boolean {
    const { of } = op;
    const base = this.#agreed.get(of);
    if (!base) throw new Error('a change of a mail that was never agreed on');
    if (!of.mailbox?.isMirrored) return op.kind === 'trash' || op.kind === 'erase';
    switch (op.kind) {
      case 'flag':
        // Where the server has neither our value nor the agreed one, theirs stays.
        if (of.flags.has(op.flag) === base.flags.has(op.flag)) put(of.flags, op.flag, op.isSet);
        put(base.flags, op.flag, op.isSet);
        return true;
      case 'copy':
        if (!this.#server.stands(op.to)) return false;
        this.#server.arriveByUs({ mail: of.mail, flags: new Set(of.flags), mailbox: null, uid: null }, op.to);
        return true;
      case 'move':
        return this.#move(of, base, op.to, later);
      case 'trash':
        if (of.mailbox !== base.place || !isSame(of.flags, base.flags, '\\Seen')) return false;
        this.#server.arriveByUs(of, this.#trash);
        return true;
      case 'erase':
        if (of.mailbox !== base.place || !isSame(of.flags, base.flags, null)) return false;
        this.#server.expunge(of);
        return true;
    }
  }

  #move(of: Standing, base: Agreed, to: ModelMailbox, later: readonly PersonOp[]): boolean {
    if (!this.#server.stands(to)) return false;
    if (of.mailbox !== to) {
      if (of.mailbox !== base.place) return false;
      // Moved on by the next change: it goes there at once.
      const next = later.find((one) => 'of' in one && one.of === of && one.kind !== 'flag');
      if (next?.kind === 'move' || next?.kind === 'trash') return true;
      this.#server.arriveByUs(of, to);
    }
    base.place = to;
    return true;
  }

  #onMailbox(op: Exclude<PersonOp, { of: Standing }>): boolean {
    const server = this.#server;
    switch (op.kind) {
      case 'file':
        if (!server.stands(op.to)) return false;
        server.arriveByUs(op.arriving, op.to);
        return true;
      case 'create':
        if (!server.has(op.path)) server.create(op.path);
        return true;
      case 'rename':
        if (!server.stands(op.mailbox) || server.has(op.path)) return false;
        op.mailbox.path = op.path;
        return true;
      case 'remove':
        if (!server.stands(op.mailbox)) return true;
        if (op.mailbox.standings.size > 0) return false;
        server.remove(op.mailbox);
        return true;
    }
  }
}
