import type { EngineRig } from '../engine-rig.ts';
import type { SeededRandom } from '../random.ts';
import type { SecondClient } from '../second-client.ts';
import { isKept } from './model-check.ts';
import type { PersonModel } from './person-model.ts';
import type { ModelMailbox, ServerModel, Standing } from './server-model.ts';

/** So many of the newest are asked for when a mailbox seems to be renamed. */
const RENAME_SAMPLE = 5;

/** Both servers and the person, as the model has them. */
export interface LifeModel {
  readonly primary: ServerModel;
  readonly relay: ServerModel;
  readonly person: PersonModel;
}

/** What is known of a life by chance since both sides last agreed, and which changes have one outcome only. */
export class LifeState {
  readonly model: LifeModel;
  readonly rig: EngineRig;
  random: SeededRandom;
  /** Null while there is no other client. */
  primary: SecondClient | null = null;
  relay: SecondClient | null = null;
  /** From the loss of the primary until everything is carried over. */
  isOutage = false;
  wasCutOff = false;
  /** Mails that others have put, moved, copied or removed: which copy is which has to be told by evidence. */
  readonly churned = new Set<string>();
  /** Mails whose flags others have changed. */
  readonly touched = new Set<Standing>();
  /** Looks may have been cut off: what is known of these here is not certain. */
  readonly uncertain = new Set<Standing>();
  /** Mails whose source is to be filed once more. */
  readonly filing = new Set<string>();
  /** Mailboxes that others have given another name. */
  readonly renamed = new Set<ModelMailbox>();
  readonly ownDrafts = new Set<Standing>();
  /** What the relay took while the primary was away. */
  readonly received = new Map<string, Standing>();
  /** By the number of their row here. */
  agreedMailboxes = new Map<number, ModelMailbox>();
  agreedPlaces = new Map<string, Standing>();
  /** Mail by which a mailbox is known here, newest last. */
  agreedMail = new Map<ModelMailbox, { standing: Standing; uid: number }[]>();
  readonly groupSizes = new Map<string, number>();

  constructor(model: LifeModel, rig: EngineRig, random: SeededRandom) {
    this.model = model;
    this.rig = rig;
    this.random = random;
  }

  /**
   * A mailbox that has another name is known again by its mail. What waits to be done with one that held none is refused, and shown: that
   * is a test of its own.
   */
  isTellable(mailbox: ModelMailbox): boolean {
    return (this.agreedMail.get(mailbox) ?? []).some(({ standing, uid }) => standing.mailbox === mailbox && standing.uid === uid);
  }

  isKnownAgain(mailbox: ModelMailbox): boolean {
    return !this.renamed.has(mailbox) || this.isTellable(mailbox);
  }

  /** A look that was cut off may have carried out what is to be done with a mailbox: under which name it stands is not known. */
  isNameCertain(mailbox: ModelMailbox): boolean {
    return !this.wasCutOff || !this.model.person.changes(mailbox);
  }

  /** Such a look may have put into it already what is to be put there. */
  isContentCertain(mailbox: ModelMailbox): boolean {
    return !this.wasCutOff || !this.model.person.concerns(mailbox);
  }

  /**
   * Where a change of ours waits for a mail, which of its copies is meant has to be certain: others may then move or remove the only one,
   * and copy none.
   */
  mayOthers(one: Standing, kind: 'move' | 'copy' | 'expunge'): boolean {
    const { primary, person } = this.model;
    if (this.uncertain.has(one) || one.mail === null) return false;
    if (one.mailbox && kind !== 'copy' && this.renamed.has(one.mailbox) && person.concerns(one.mailbox)) return false;
    const group = primary.group(one);
    const isWaitedFor = group.some((other) => person.hasOpen(other)) || this.filing.has(one.mail.messageId);
    // Mail that is older than the window is not looked for in another mailbox: a change that waits for it is refused, and shown.
    const isFound = kind !== 'move' || isKept(one, this.rig.engine.deps.clock.now());
    return !isWaitedFor || (kind !== 'copy' && isFound && group.length === 1 && !this.filing.has(one.mail.messageId));
  }

  mayWe(standing: Standing): boolean {
    const { mail } = standing;
    const place = this.model.person.agreedOn(standing)?.place;
    if (!place || !this.isKnownAgain(place)) return false;
    if (mail === null || this.ownDrafts.has(standing) || this.uncertain.has(standing) || this.filing.has(mail.messageId)) return false;
    if (!this.churned.has(mail.messageId)) return true;
    if (!isKept(standing, this.rig.engine.deps.clock.now())) return false;
    // Where a copy is left of one that is gone, the person means that copy, and the model the one that is gone.
    return this.model.primary.group(standing).every((one) => one === standing) && (this.groupSizes.get(mail.messageId) ?? 0) <= 1;
  }

  churn({ mail }: Standing): void {
    if (mail) this.churned.add(mail.messageId);
  }

  row(path: string) {
    return this.rig.engine.store.mailboxes.list(this.rig.accountId, 'primary').find((one) => one.path === path)?.id;
  }

  /** The primary is gone from here on; what others did there before may or may not be known here. */
  lose(wasCutOff: boolean): void {
    this.isOutage = true;
    this.wasCutOff = wasCutOff;
    if (!wasCutOff) return;
    const { primary, person } = this.model;
    for (const one of primary.all()) {
      const { mail } = one;
      if (person.hasOpen(one) || this.touched.has(one) || (mail && this.churned.has(mail.messageId))) this.uncertain.add(one);
    }
  }

  /** The UIDs of all are known. */
  agree(): void {
    const { primary, person } = this.model;
    person.agree();
    for (const set of [this.churned, this.touched, this.uncertain, this.filing, this.renamed]) set.clear();
    const mirrored = primary.mailboxes.filter((one) => one.isMirrored);
    this.wasCutOff = false;
    const rows = mirrored.flatMap((one) => {
      const id = this.row(one.path);
      return id === undefined ? [] : [[id as number, one] as const];
    });
    this.agreedMailboxes = new Map(rows);
    this.agreedPlaces = new Map(rows.flatMap(([id, one]) => [...one.standings].map((standing) => [`${id} ${standing.uid}`, standing])));
    this.agreedMail = new Map(mirrored.map((one) => [one, this.#knownBy(one)]));
    this.groupSizes.clear();
    for (const { mail } of primary.all()) if (mail) this.groupSizes.set(mail.messageId, (this.groupSizes.get(mail.messageId) ?? 0) + 1);
  }

  #knownBy(mailbox: ModelMailbox): { standing: Standing; uid: number }[] {
    const id = this.row(mailbox.path);
    const rows = id === undefined ? [] : this.rig.engine.store.placements.inMailbox(id, 'present').slice(-RENAME_SAMPLE);
    return rows.flatMap(({ uid }) => {
      const standing = this.agreedPlaces.get(`${id} ${uid}`);
      return standing ? [{ standing, uid }] : [];
    });
  }
}
