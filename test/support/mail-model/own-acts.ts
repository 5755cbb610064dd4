import { asDraftId, asMailboxId, type DraftId } from '../../../shared/model/ids.ts';
import { messageIdOf, sourceOf } from '../../crash/world.ts';
import type { LifeState } from './life-state.ts';
import { modelMail, type ModelMail, type ModelMailbox, type Standing } from './server-model.ts';

export const OURS = [
  'flag',
  'flag',
  'flag',
  'move',
  'move',
  'copy',
  'trash',
  'erase',
  'file',
  'draft',
  'sent',
  'create',
  'rename',
  'remove',
] as const;

interface OwnDraft {
  readonly id: DraftId;
  version: number;
  standing: Standing | null;
  isWritten: boolean;
}

/** The person in front of the product: each change is made here and recorded in the model. */
export class OwnActs {
  readonly #state: LifeState;
  readonly #drafts: OwnDraft[] = [];

  constructor(state: LifeState) {
    this.#state = state;
  }

  async act(kind: (typeof OURS)[number], tag: string): Promise<string> {
    if (kind === 'draft') return this.#draft(tag);
    if (kind === 'sent') return this.#sent(tag);
    if (kind === 'create' || kind === 'rename' || kind === 'remove') return this.#ourMailbox(kind, tag);
    const chosen = this.#mine();
    if (!chosen) return 'nothing';
    const { entryId, standing, placement } = chosen;
    const { engine, accountId } = this.#state.rig;
    const { person, primary } = this.#state.model;
    const words = `${kind} ${standing.mail!.messageId}`;
    if (kind === 'flag') {
      const [name, flag] = this.#state.random.pick([
        ['seen', '\\Seen'],
        ['flagged', '\\Flagged'],
      ] as const);
      const isSet = this.#state.random.bool();
      engine.actions.setFlag([entryId], name, isSet);
      if (person.shows(standing, flag) === isSet) return 'nothing';
      person.record({ kind, of: standing, flag, isSet });
      return `${words} ${flag} ${isSet}`;
    }
    if (kind === 'erase') {
      engine.actions.changePlace(entryId, { kind: 'delete' });
      person.record({ kind, of: standing });
      return words;
    }
    if (kind === 'trash') {
      engine.actions.delete([entryId]);
      person.record({ kind, of: standing });
      return words;
    }
    if (kind === 'file') {
      const messageId = standing.mail!.messageId;
      // Of a mail that is gone, too: what waits for it would be done to the one that is filed.
      const isWaitedFor = [standing, ...primary.group(standing)].some((one) => person.hasOpen(one));
      if (isWaitedFor || placement.sourceId === null) return 'nothing';
      const sent = this.#state.row('Sent');
      if (!sent) return 'nothing';
      this.#state.filing.add(messageId);
      const { internalDate } = standing.mail!;
      engine.actions.changeMailbox(accountId, {
        kind: 'append',
        mailboxId: sent,
        sourceId: placement.sourceId,
        flags: ['\\Seen'],
        internalDate,
      });
      const arriving: Standing = { mail: standing.mail, flags: new Set(['\\Seen']), mailbox: null, uid: null };
      person.record({ kind, arriving, to: primary.at('Sent') });
      return words;
    }
    const rows = engine.store.mailboxes.list(accountId, 'primary').filter((one) => one.isMirrored && one.uidValidity !== null);
    const row = this.#state.random.pick(rows);
    const to = this.#state.agreedMailboxes.get(row.id);
    if (!to || !this.#state.isKnownAgain(to) || (kind === 'move' && this.#placeOf(standing) === to)) return 'nothing';
    engine.actions.changePlace(entryId, { kind, targetMailboxId: row.id });
    person.record({ kind, of: standing, to });
    return `${words} to ${row.path}`;
  }

  /** Where the person sees it. */
  #placeOf(standing: Standing): ModelMailbox | null {
    const { person } = this.#state.model;
    const last = person.open.findLast((op) => op.kind === 'move' && op.of === standing);
    return last?.kind === 'move' ? last.to : (person.agreedOn(standing)?.place ?? null);
  }

  /** A mail of the list, and what the model has in its place. */
  #mine() {
    const { engine, accountId } = this.#state.rig;
    const { store } = engine;
    const rows = store.mailboxes.list(accountId, 'primary').filter((one) => one.isMirrored);
    const list = store.lists.page({ mailboxId: this.#state.random.pick(rows).id }, 'all', 0, 50).rows;
    if (list.length === 0) return null;
    const { id: entryId } = this.#state.random.pick(list);
    const placement = store.placements.ofEntry(entryId).findLast((one) => one.side === 'primary' && one.state === 'present');
    const mailbox = placement && store.mailboxes.get(placement.mailboxId);
    if (!placement || !mailbox) return null;
    const standing = this.#state.agreedPlaces.get(`${mailbox.id} ${placement.uid}`);
    // A look that was cut off may have put it there already.
    if (!standing && this.#state.wasCutOff) return null;
    if (!standing) throw new Error(`here alone: ${mailbox.path} UID ${placement.uid}`);
    return this.#state.mayWe(standing) ? { entryId, standing, placement } : null;
  }

  #ourMailbox(kind: 'create' | 'rename' | 'remove', tag: string): string {
    const { engine, accountId } = this.#state.rig;
    const { person } = this.#state.model;
    if (kind === 'create') {
      const path = `Neu von hier ${tag}`;
      engine.actions.changeMailbox(accountId, { kind: 'create-mailbox', path });
      person.record({ kind, path });
      return `create ${path}`;
    }
    const known = [...this.#state.agreedMailboxes].filter(([, one]) => one.path.startsWith('Neu'));
    if (known.length === 0) return 'nothing';
    const [id, mailbox] = this.#state.random.pick(known);
    const row = engine.store.mailboxes.get(asMailboxId(id));
    if (row === null || row.vanishedAt !== null) return 'nothing';
    const { id: mailboxId, path: from } = row;
    // What waits to be put into it would be refused: that is a test of its own.
    const isUsed = person.open.some((op) => ('to' in op && op.to === mailbox) || ('mailbox' in op && op.mailbox === mailbox));
    if (isUsed || !this.#state.isKnownAgain(mailbox)) return 'nothing';
    if (kind === 'remove') {
      engine.actions.changeMailbox(accountId, { kind: 'delete-mailbox', mailboxId });
      person.record({ kind, mailbox });
      return `remove ${from}`;
    }
    const path = `Neu ${tag} von hier`;
    engine.actions.changeMailbox(accountId, { kind: 'rename-mailbox', mailboxId, path });
    person.record({ kind, mailbox, path });
    return `rename ${from} to ${path}`;
  }

  async #draft(tag: string): Promise<string> {
    const { desk } = this.#state.rig.engine.features.compose;
    const open = this.#drafts.length > 0 && this.#state.random.bool() ? this.#state.random.pick(this.#drafts) : null;
    const draft = open ? desk.get(open.id) : await desk.start({ kind: 'new', accountId: null, mailto: null });
    const own = open ?? { id: asDraftId(draft.id), version: draft.version, standing: null, isWritten: false };
    if (!open) this.#drafts.push(own);
    own.version = desk.save(own.id, own.version, { ...draft.content, subject: `draft ${tag}`, text: `words of ${tag}` }).version;
    own.isWritten = true;
    return `draft ${own.id} ${tag}`;
  }

  /** A mail that was handed over; its copy goes to Sent. */
  #sent(tag: string): string {
    const { engine, accountId } = this.#state.rig;
    const { outbox } = engine.store;
    const now = Math.floor(engine.deps.clock.now() / 1000) * 1000;
    const raw = sourceOf({ id: `sent-${tag}`, path: 'Sent', ageDays: 0 }, 'primary');
    const messageId = messageIdOf(`sent-${tag}`);
    const id = outbox.add(
      {
        ...{ accountId, messageId, date: now, raw, bcc: [], subject: `subject sent-${tag}`, preview: '', sendAfter: now },
        ...{ envelope: { from: 'bernd@example.com', to: ['kunde@example.net'] }, original: null, draftId: asDraftId(1) },
        ...{ to: [{ name: '', address: 'kunde@example.net' }], needsSmtpUtf8: false },
      },
      'bernd@example.com',
      now,
    );
    outbox.change(id, { state: 'accepted', route: this.#state.isOutage ? 'relay' : 'primary', acceptedAt: now, sentCopy: 'waiting' });
    const { primary, person } = this.#state.model;
    const mail: ModelMail = modelMail(messageId, raw, now);
    person.record({ kind: 'file', arriving: { mail, flags: new Set(['\\Seen']), mailbox: null, uid: null }, to: primary.at('Sent') });
    return `sent ${tag}`;
  }

  /** What was written of drafts lies in Drafts, and what it replaces is gone. */
  fileDrafts(): void {
    const { primary } = this.#state.model;
    for (const draft of this.#drafts.filter((one) => one.isWritten)) {
      if (draft.standing) primary.expunge(draft.standing);
      const flags = new Set(['\\Draft', '\\Seen']);
      draft.standing = primary.arriveByUs({ mail: null, flags, mailbox: null, uid: null }, primary.at('Drafts'));
      this.#state.ownDrafts.add(draft.standing);
      draft.isWritten = false;
    }
  }
}
