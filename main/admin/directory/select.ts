import { AdminError } from '../admin-error.ts';
import type { Selector } from '../rollout-config.ts';
import { comparableDn } from './dn.ts';
import { and, escapeValue, GROUPS, inGroupOfActiveDirectory, or, PEOPLE, peopleOf } from './filter.ts';
import type { DirectoryIdentity } from './identity.ts';
import { valueOf, valuesOf, type DirectorySource, type Entry } from './source.ts';

const MEMBERS: readonly string[] = ['member', 'uniqueMember', 'memberUid'];
/** Members up to this number are read one by one; more of them with everybody. */
const SINGLE_READS = 200;

/** Finds the people of selectors; what several of them need is read once. */
export class Selection {
  readonly #source: DirectorySource;
  readonly #identity: DirectoryIdentity;
  readonly #baseDn: string;
  readonly #attributes: readonly string[];
  #all: Promise<Entry[]> | null = null;
  #groups: Promise<ReadonlyMap<string, Entry>> | null = null;
  /** Members by DN that are neither people nor groups. */
  readonly strangers = new Set<string>();

  /** @param attributes what is read of each person */
  constructor(source: DirectorySource, identity: DirectoryIdentity, baseDn: string, attributes: readonly string[]) {
    this.#source = source;
    this.#identity = identity;
    this.#baseDn = baseDn;
    this.#attributes = attributes;
  }

  /** Everybody whom the selector finds, each once. @throws AdminError; a failed answer is never an empty one */
  async find(selector: Selector): Promise<Entry[]> {
    if ('all' in selector) return this.#everybody();
    if ('ou' in selector) return this.#people(selector.ou);
    if ('filter' in selector) return this.#people(this.#baseDn, selector.filter);
    return this.#identity.kind === 'active-directory' ? this.#inGroupByRule(selector.group) : this.#inGroupByWalk(selector.group);
  }

  #people(base: string, filter?: string): Promise<Entry[]> {
    const people = peopleOf(this.#identity.kind);
    const both = filter === undefined ? people : and(people, filter.startsWith('(') ? filter : `(${filter})`);
    return this.#source.search({ base, scope: 'sub', filter: both, attributes: this.#attributes });
  }

  #everybody(): Promise<Entry[]> {
    return (this.#all ??= this.#people(this.#baseDn));
  }

  async #inGroupByRule(group: string): Promise<Entry[]> {
    const token = valueOf(await this.#readGroup(group, ['primaryGroupToken']), 'primaryGroupToken');
    return this.#people(this.#baseDn, inGroupOfActiveDirectory(group, token));
  }

  async #readGroup(group: string, attributes: readonly string[]): Promise<Entry> {
    try {
      const [entry] = await this.#source.search({ base: group, scope: 'base', filter: GROUPS, attributes });
      if (entry) return entry;
    } catch (error) {
      if (!(error instanceof AdminError) || error.code !== 'base-missing') throw error;
    }
    throw new AdminError('group-missing', group);
  }

  /** A group of another branch is followed like one below the base: its members belong to the group that was asked for. */
  async #inGroupByWalk(start: string): Promise<Entry[]> {
    const seen = new Set([comparableDn(start)]);
    const found: Entry[] = [];
    for (let groups = [await this.#readGroup(start, MEMBERS)]; groups.length > 0;) {
      const { dns, uids } = await this.#membersOf(groups, seen);
      const { people, others } = await this.#peopleAmong(dns, uids);
      found.push(...people);
      groups = await this.#groupsAmong(others);
    }
    return found;
  }

  async #peopleAmong(dns: Set<string>, uids: ReadonlySet<string>): Promise<{ people: Entry[]; others: string[] }> {
    const isMany = dns.size + uids.size > SINGLE_READS;
    const all = isMany ? await this.#everybody() : await this.#readByUid([...uids]);
    const people = isMany ? all.filter((one) => dns.delete(comparableDn(one.dn)) || uids.has(valueOf(one, 'uid') ?? '')) : all;
    // People of another branch belong to a large group as they do to a small one.
    const others: string[] = [];
    for (const dn of dns) {
      const entry = await this.#readOne(dn, PEOPLE.generic, this.#attributes);
      if (entry === undefined) others.push(dn);
      else people.push(entry);
    }
    return { people, others };
  }

  async #groupsAmong(dns: readonly string[]): Promise<Entry[]> {
    const groups: Entry[] = [];
    for (const dn of dns) {
      const group = await this.#readOne(dn, GROUPS, MEMBERS);
      if (group === undefined) this.strangers.add(dn);
      else groups.push(group);
    }
    return groups;
  }

  /** From group to group, each once: groups may contain each other. */
  async #membersOf(starts: Entry[], seen: Set<string>): Promise<{ readonly dns: Set<string>; readonly uids: ReadonlySet<string> }> {
    const groups = await this.#allGroups();
    const [dns, uids] = [new Set<string>(), new Set<string>()];
    const pending = [...starts];
    for (let group = pending.pop(); group; group = pending.pop()) {
      for (const uid of valuesOf(group, 'memberUid')) uids.add(uid);
      for (const member of [...valuesOf(group, 'member'), ...valuesOf(group, 'uniqueMember')]) {
        const dn = comparableDn(member);
        if (seen.has(dn)) continue;
        seen.add(dn);
        const inner = groups.get(dn);
        if (inner) pending.push(inner);
        else dns.add(dn);
      }
    }
    return { dns, uids };
  }

  /** Undefined where there is nothing of this kind at the place. */
  async #readOne(base: string, filter: string, attributes: readonly string[]): Promise<Entry | undefined> {
    try {
      return (await this.#source.search({ base, scope: 'base', filter, attributes }))[0];
    } catch (error) {
      if (error instanceof AdminError && error.code === 'base-missing') return undefined;
      throw error;
    }
  }

  #readByUid(uids: readonly string[]): Promise<Entry[]> {
    return uids.length === 0 ? Promise.resolve([]) : this.#people(this.#baseDn, or(...uids.map((uid) => `(uid=${escapeValue(uid)})`)));
  }

  #allGroups(): Promise<ReadonlyMap<string, Entry>> {
    return (this.#groups ??= this.#source
      .search({ base: this.#baseDn, scope: 'sub', filter: GROUPS, attributes: MEMBERS })
      .then((all) => new Map(all.map((one) => [comparableDn(one.dn), one]))));
  }
}
