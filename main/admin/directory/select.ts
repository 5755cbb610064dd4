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
  /** Members by DN that are neither people nor groups below the base. */
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

  async #inGroupByWalk(start: string): Promise<Entry[]> {
    const { dns, uids } = await this.#membersOf(start);
    if (dns.size + uids.size <= SINGLE_READS) return [...(await this.#readByDn([...dns])), ...(await this.#readByUid([...uids]))];
    const people = await this.#everybody();
    const found = people.filter((one) => dns.delete(comparableDn(one.dn)) || uids.has(valueOf(one, 'uid') ?? ''));
    // People of another branch belong to a large group as they do to a small one.
    return [...found, ...(await this.#readByDn([...dns]))];
  }

  /** From group to group, each once: groups may contain each other. */
  async #membersOf(start: string): Promise<{ readonly dns: Set<string>; readonly uids: ReadonlySet<string> }> {
    const first = await this.#readGroup(start, MEMBERS);
    const groups = await this.#allGroups();
    const [dns, uids, seen] = [new Set<string>(), new Set<string>(), new Set([comparableDn(start)])];
    const pending = [first];
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

  async #readByDn(dns: readonly string[]): Promise<Entry[]> {
    const found: Entry[] = [];
    for (const base of dns) {
      const [entry] = await this.#source
        .search({ base, scope: 'base', filter: PEOPLE.generic, attributes: this.#attributes })
        .catch((error: unknown) => {
          if (error instanceof AdminError && error.code === 'base-missing') return [];
          throw error;
        });
      if (entry) found.push(entry);
      else this.strangers.add(base);
    }
    return found;
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
