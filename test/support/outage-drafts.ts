import type { DraftId, EntryId } from '../../shared/model/ids.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { tokenItems, tokenText } from './imap-tokens.ts';
import { buildMail, newMessageId } from './mail-builder.ts';
import type { OutageWorld } from './outage-world.ts';
import type { SeededRandom } from './random.ts';

const OURS = ['nothing', 'edited', 'marked', 'discarded', 'deleted', 'sent'] as const;
const THEIRS = ['nothing', 'edited', 'rewritten', 'expunged', 'trashed', 'flagged'] as const;

/** What a draft that was filed before an outage went through on both sides in it. */
interface DraftFate {
  readonly name: string;
  readonly id: DraftId;
  version: number;
  /** Its copy in the list of Drafts. */
  readonly entry: EntryId;
  /** Begun by the other program, and opened here before the outage. */
  readonly isForeign: boolean;
  /** `marked`: flagged in the list, and written on. */
  readonly ours: (typeof OURS)[number];
  /** `edited`: a new copy and the old one gone; `rewritten`: the same under the same Message-ID. */
  readonly theirs: (typeof THEIRS)[number];
}

/** What is at the primary of one draft at the end, `path whose-words flags`, and what is told of it here. */
export interface DraftOutcome {
  readonly places: readonly string[];
  /** Words of the open draft here; null where there is none. */
  readonly open: string | null;
  readonly hasConflict: boolean;
}

const isWritten = ({ ours }: DraftFate): boolean => ours === 'edited' || ours === 'marked';
const isReplaced = ({ theirs }: DraftFate): boolean => theirs === 'edited' || theirs === 'rewritten';

/** What has to come of it, by the rules of filing (compose/README) and of the journal. `canMove`: the server has MOVE. */
export function expectedOf(fate: DraftFate, canMove: boolean): DraftOutcome {
  const { ours, theirs } = fate;
  const isOpen = ours === 'nothing' || isWritten(fate);
  const isLost = isReplaced(fate) || theirs === 'expunged' || theirs === 'trashed';
  const flag = theirs === 'flagged' || (ours === 'marked' && !isLost) ? ' \\Flagged' : '';
  const places: string[] = [];
  // What others wrote stays, whatever we did.
  if (isReplaced(fate)) places.push('Drafts theirs');
  if (theirs === 'trashed') places.push('Trash before');
  if (ours === 'nothing' && !isLost) places.push(`Drafts before${flag}`);
  if (isWritten(fate)) places.push(`Drafts after${flag}`);
  if (ours === 'deleted' && !isLost) places.push(theirs === 'flagged' ? 'Drafts before \\Flagged' : 'Trash before');
  if (ours === 'discarded' && theirs === 'flagged') places.push(`${canMove ? 'Trash' : 'Drafts'} before \\Flagged`);
  if (ours === 'sent') places.push('Sent after');
  return { places: places.sort(), open: isOpen ? (isWritten(fate) ? 'after' : 'before') : null, hasConflict: isWritten(fate) && isLost };
}

/** Whether a copy had to go, and stays in sight of the balance, as others have made it. Nothing ties a new Message-ID to what was there. */
export function isKeptThere({ ours, theirs, isForeign }: DraftFate, canMove: boolean): boolean {
  if (ours !== 'discarded' && ours !== 'sent') return false;
  return (theirs === 'rewritten' && !isForeign) || (ours === 'discarded' && theirs === 'flagged' && !canMove);
}

type Pair = Pick<DraftFate, 'ours' | 'theirs'> & Partial<Pick<DraftFate, 'isForeign'>>;

/** Every change here with every change elsewhere, in an order of chance. */
export const draftPairs = (random: SeededRandom): Pair[] =>
  random.shuffle(OURS.flatMap((ours) => THEIRS.map((theirs) => ({ ours, theirs }))));

/** Drafts of before an outage, changed in it here and by another program at the primary. */
export class OutageDrafts {
  readonly fates: DraftFate[] = [];
  readonly #world: OutageWorld;
  readonly #random: SeededRandom;

  constructor(world: OutageWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  /** Subjects of those that may be gone for good. */
  get mayGo(): ReadonlySet<string> {
    return new Set(this.ended.map(({ name }) => name));
  }

  /** Those with a copy that has to go after the outage. */
  get ended(): readonly DraftFate[] {
    return this.fates.filter(({ ours }) => ours === 'discarded' || ours === 'sent');
  }

  get sent(): number {
    return this.fates.filter(({ ours }) => ours === 'sent').length;
  }

  /** Those with words to be filed after the outage. */
  get written(): readonly DraftFate[] {
    return this.fates.filter(isWritten);
  }

  /** Before the outage: one draft for each of the pairs; where they do not say, half of them begun by the other program. */
  async write(pairs: readonly Pair[]): Promise<void> {
    const { engine, primary, rig, clock } = this.#world;
    const { desk } = engine.features.compose;
    const begun = pairs.map((pair, n) => ({
      ...{ isForeign: this.#random.bool(), ...pair },
      ...{ name: `kept ${n}.`, id: null as DraftId | null, version: 0 },
    }));
    for (const one of begun) {
      if (one.isForeign) {
        await primary.append('Drafts', foreignDraft(one.name, 'before', newMessageId(this.#random)), { flags: ['\\Draft', '\\Seen'] });
        continue;
      }
      const draft = await desk.start({ kind: 'new', accountId: null, mailto: null });
      one.id = draft.id;
      one.version = desk.save(draft.id, 0, {
        ...draft.content,
        subject: one.name,
        to: PEOPLE,
        format: 'plain',
        text: words('before'),
      }).version;
    }
    clock.pass(20_000);
    await this.#world.look(2);
    const rows = new Map(rig.rows('Drafts').map(({ subject, id }) => [subject, id]));
    for (const one of begun) {
      const entry = rows.get(one.name)!;
      const id = one.id ?? (await desk.start({ kind: 'edit', entryId: entry })).id;
      this.fates.push({ ...one, id, entry });
    }
  }

  /** In the outage, here. */
  async here(): Promise<void> {
    for (const fate of this.fates) await this.#change(fate);
  }

  async #change(fate: DraftFate): Promise<void> {
    const { engine, clock } = this.#world;
    const { desk } = engine.features.compose;
    const { ours, id, entry, version } = fate;
    if (ours === 'nothing') return;
    if (ours === 'discarded') return desk.discard(id);
    if (ours === 'deleted') return void (await answerCall(engine, 'messages.delete', [{ entryIds: [entry] }]));
    if (ours === 'marked') engine.actions.setFlag([entry], 'flagged', true);
    fate.version = desk.save(id, version, { ...desk.get(id).content, text: words('after') }).version;
    if (ours !== 'sent') return;
    const { outboxId } = await desk.send(id, fate.version);
    engine.store.outbox.change(outboxId, { state: 'accepted', route: 'relay', acceptedAt: clock.now(), sentCopy: 'waiting' });
  }

  /** In the outage, by another program at the primary. */
  async elsewhere(): Promise<void> {
    const { primary } = this.#world;
    await primary.select('Drafts');
    for (const { name, theirs } of this.fates) {
      const uids = await primary.uids(`SUBJECT "${name}"`);
      if (theirs === 'nothing') continue;
      if (theirs === 'flagged') await primary.store(uids, '+', ['\\Flagged']);
      if (theirs === 'trashed') await primary.move(uids, 'Trash');
      if (theirs === 'edited' || theirs === 'rewritten') {
        const messageId = theirs === 'edited' ? newMessageId(this.#random) : await this.#messageIdOf(uids);
        await primary.append('Drafts', foreignDraft(`${name} elsewhere`, 'theirs', messageId), { flags: ['\\Draft', '\\Seen'] });
      }
      if (theirs === 'edited' || theirs === 'rewritten' || theirs === 'expunged') await primary.expunge(uids);
    }
  }

  async #messageIdOf([uid]: readonly number[]): Promise<string> {
    const { untagged } = await this.#world.primary.run(`UID FETCH ${uid} (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])`);
    const id = untagged.flatMap((tokens) => tokenItems(tokens[2]).map((one) => /<.*>/u.exec(tokenText(one))?.[0])).find(Boolean);
    if (id === undefined) throw new Error(`no Message-ID of ${uid}`);
    return id;
  }

  /** How each of them stands now. */
  async outcomes(): Promise<Record<string, DraftOutcome>> {
    const { primary, engine } = this.#world;
    const places = new Map<string, string[]>(this.fates.map(({ name }) => [name, []]));
    for (const path of ['Drafts', 'INBOX', 'Sent', 'Trash']) {
      await primary.select(path, { readOnly: true });
      const of = async (search: string): Promise<Set<number>> => new Set(await primary.uids(search));
      const flagged = await of('FLAGGED UNDELETED');
      for (const [whose, text] of Object.entries(WORDS)) {
        const told = await of(`UNDELETED BODY "${text}"`);
        if (told.size === 0) continue;
        for (const { name } of this.fates)
          for (const uid of await primary.uids(`SUBJECT "${name}"`))
            if (told.has(uid)) places.get(name)!.push(`${path} ${whose}${flagged.has(uid) ? ' \\Flagged' : ''}`);
      }
    }
    const open = new Map(engine.features.compose.desk.list().map((draft) => [draft.content.subject, draft]));
    const outcome = (name: string): DraftOutcome => {
      const draft = open.get(name);
      const whose = Object.entries(WORDS).find(([, text]) => draft?.content.text.includes(text))?.[0] ?? null;
      return { places: places.get(name)!.sort(), open: whose, hasConflict: draft?.hasConflict ?? false };
    };
    return Object.fromEntries(this.fates.map(({ name }) => [name, outcome(name)]));
  }
}

const PEOPLE = [{ name: '', address: 'kunde@example.net' }];
const WORDS = { before: 'words of before', after: 'words written here since', theirs: 'words written elsewhere' } as const;
const words = (whose: keyof typeof WORDS): string => `${WORDS[whose]}\n`;

const foreignDraft = (subject: string, whose: keyof typeof WORDS, messageId: string): Buffer =>
  buildMail({ from: 'Bernd <bernd@example.com>', to: 'kunde@example.net', subject, messageId, text: words(whose) });
