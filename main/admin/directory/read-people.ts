import { AdminError } from '../admin-error.ts';
import type { RolloutConfig, Selector } from '../rollout-config.ts';
import { peopleOf } from './filter.ts';
import type { DirectoryIdentity } from './identity.ts';
import { MARK_ATTRIBUTES, markOf, PERSON_ATTRIBUTES, personOf, type Person } from './person.ts';
import { Selection } from './select.ts';
import type { DirectorySource, Entry } from './source.ts';

/** What an earlier run knew, where it can be compared with this server at all. */
export interface Known {
  readonly people: ReadonlyMap<string, Person>;
  /** Marks from this one on prove nothing: the entry may have changed again within the same second. Null for counters. */
  readonly provenBefore: string | null;
}

export interface Reading {
  readonly people: readonly Person[];
  /** Class of each person by id; those without one are left out. */
  readonly classes: ReadonlyMap<string, string>;
  /** People whose attributes were read anew. */
  readonly fetched: number;
  readonly notes: readonly string[];
}

/** More changed people than this are read in one go. */
const SINGLE_READS = 200;

type Choice = Pick<RolloutConfig, 'select' | 'exclude' | 'classes' | 'directory'>;

/**
 * Reads everybody whom the rollout selects. Who belongs to it is asked for as a whole each time, since leaving a group changes
 * no mark of the person who left; what is known of people is read again only where their mark of change is another.
 * @throws AdminError where any part of the answer failed
 */
export async function readPeople(
  source: DirectorySource,
  identity: DirectoryIdentity,
  config: Choice,
  known: Known | null,
): Promise<Reading> {
  const attributes = known === null ? PERSON_ATTRIBUTES : MARK_ATTRIBUTES;
  const selection = new Selection(source, identity, config.directory.baseDn, attributes);
  const chosen = await union(selection, config.select);
  for (const id of (await union(selection, config.exclude)).keys()) chosen.delete(id);
  const classes = new Map<string, string>();
  for (const { name, of } of config.classes) {
    for (const id of (await union(selection, [of])).keys()) if (!classes.has(id)) classes.set(id, name);
  }
  const { people, fetched } = known === null ? parsed([...chosen.values()]) : await refreshed(source, identity.kind, config, chosen, known);
  const notes = [
    ...(selection.strangers.size > 0
      ? [`${selection.strangers.size} members of groups are neither people nor groups and were left out`]
      : []),
    ...(source.referrals > 0 ? [`the directory points to ${source.referrals} other places, which were not read`] : []),
  ];
  return { people, classes, fetched, notes };
}

async function union(selection: Selection, selectors: readonly Selector[]): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  for (const selector of selectors) {
    for (const entry of await selection.find(selector)) {
      const mark = markOf(entry);
      if (mark === null) throw new AdminError('directory-refused', `${entry.dn}: neither objectGUID nor entryUUID may be read`);
      found.set(mark.id, entry);
    }
  }
  return found;
}

function parsed(entries: readonly Entry[]): { people: Person[]; fetched: number } {
  const people = entries.flatMap((one) => personOf(one) ?? []);
  return { people, fetched: people.length };
}

function isProven(entry: Entry, before: Person | undefined, { provenBefore }: Known): before is Person {
  const mark = markOf(entry);
  if (before === undefined || mark === null || mark.change === '' || before.change !== mark.change || before.dn !== entry.dn) return false;
  return provenBefore === null || mark.change < provenBefore;
}

async function refreshed(
  source: DirectorySource,
  kind: DirectoryIdentity['kind'],
  config: Choice,
  chosen: ReadonlyMap<string, Entry>,
  known: Known,
) {
  const changed = [...chosen].filter(([id, entry]) => !isProven(entry, known.people.get(id), known));
  const fresh = new Map<string, Person>();
  const entries = changed.map(([, entry]) => entry);
  for (const entry of await readAgain(source, kind, config, entries)) {
    const person = personOf(entry);
    if (person !== null) fresh.set(person.id, person);
  }
  const people = [...chosen.keys()].map((id) => fresh.get(id) ?? known.people.get(id));
  const isWhole = changed.every(([id]) => fresh.has(id));
  if (!isWhole || people.includes(undefined)) throw new AdminError('directory-incomplete', 'it was changed while it was read');
  return { people: people as Person[], fetched: fresh.size };
}

async function readEach(source: DirectorySource, entries: readonly Entry[]): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const { dn } of entries) {
    found.push(...(await source.search({ base: dn, scope: 'base', filter: '(objectClass=*)', attributes: PERSON_ATTRIBUTES })));
  }
  return found;
}

/** Many in one go, by the same filter that chose them; those of another branch, as members of a group may be, one by one. */
async function readAgain(
  source: DirectorySource,
  kind: DirectoryIdentity['kind'],
  config: Choice,
  entries: readonly Entry[],
): Promise<Entry[]> {
  if (entries.length <= SINGLE_READS) return readEach(source, entries);
  const missing = new Map(entries.map((one) => [markOf(one)?.id, one]));
  const bases = [config.directory.baseDn, ...config.select.flatMap((one) => ('ou' in one ? [one.ou] : []))];
  const found: Entry[] = [];
  for (const base of bases) {
    const all = await source.search({ base, scope: 'sub', filter: peopleOf(kind), attributes: PERSON_ATTRIBUTES });
    found.push(...all.filter((one) => missing.delete(markOf(one)?.id)));
  }
  return [...found, ...(await readEach(source, [...missing.values()]))];
}
