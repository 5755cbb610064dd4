import { bindSecret, type SecretPlaces } from './bind-secret.ts';
import { identify, type DirectoryIdentity } from './directory/identity.ts';
import { readPeople, type Known, type Reading } from './directory/read-people.ts';
import { openDirectory } from './directory/source.ts';
import { readRolloutConfig } from './rollout-config.ts';
import { guardVanish, isEmptyPlan, planRollout, type RolloutPlan } from './rollout-plan.ts';
import { readState, type RolloutState } from './rollout-state.ts';
import { writeRollout } from './write-rollout.ts';

export interface EnrolOptions {
  readonly config: string;
  readonly isConfirmed: boolean;
  /** Percent; null for that of the rollout file. */
  readonly vanish: number | null;
  /** Reads everything anew, whatever is known. */
  readonly isFull: boolean;
  readonly isJson: boolean;
}

export interface EnrolParts {
  readonly print: (line: string) => void;
  readonly secrets: SecretPlaces;
  readonly now: () => number;
  readonly step?: (name: string) => void;
}

/** Clocks of directory and desk may differ by this much. */
const SKEW_MS = 5 * 60_000;
const SHOWN = 50;

/** GeneralizedTime in UTC (RFC 4517 3.3.13), to whole seconds. */
const generalizedTime = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:T]/gu, '').slice(0, 14)}Z`;

function knownFrom(state: RolloutState | null, identity: DirectoryIdentity): Known | null {
  if (state === null || state.invocationId !== identity.invocationId) return null;
  // Counters are those of one domain controller: without its name nothing is proven by them.
  if (identity.kind === 'active-directory' && identity.invocationId === null) return null;
  const provenBefore = identity.kind === 'active-directory' ? null : generalizedTime(Date.parse(state.readAt) - SKEW_MS);
  return { people: new Map(state.enrolled.map((one) => [one.person.id, one.person])), provenBefore };
}

/**
 * Reads the directory, shows what would change, and writes it where that was asked for.
 * @returns 0 done, or nothing to do; AdminError for everything that ends the run, with nothing written
 */
export async function runEnrol(options: EnrolOptions, parts: EnrolParts): Promise<number> {
  const config = readRolloutConfig(options.config);
  const state = readState(config.output);
  const readAt = new Date(parts.now()).toISOString();
  const source = await openDirectory(config.directory, await bindSecret(config.directory, parts.secrets));
  let reading: Reading;
  let identity: DirectoryIdentity;
  try {
    identity = await identify(source, config.directory);
    reading = await readPeople(source, identity, config, options.isFull ? null : knownFrom(state, identity));
  } finally {
    await source.close();
  }
  const plan = planRollout(config, reading, state);
  show(plan, reading, options, parts.print);
  guardVanish(plan, state, options.vanish ?? config.vanishPercent);
  if (!options.isConfirmed) {
    const hasWork = !isEmptyPlan(plan) || (state?.pending ?? null) !== null;
    if (hasWork && !options.isJson) parts.print('nothing was written; --yes writes it');
    return 0;
  }
  const { step } = parts;
  writeRollout(plan, { folder: config.output, readAt, identity, before: state, ...(step ? { step } : {}) });
  if (!options.isJson) parts.print(`written to ${config.output}`);
  return 0;
}

function show(plan: RolloutPlan, reading: Reading, { isJson }: EnrolOptions, print: (line: string) => void): void {
  const { added, changed, removed, leftOut, wanted } = plan;
  const figures = {
    enrolled: wanted.length,
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    leftOut: leftOut.length,
  };
  if (isJson) {
    const lists = {
      added: added.map(mailOf),
      changed: changed.map((one) => mailOf(one.after)),
      removed: removed.map((one) => mailOf(one.before)),
    };
    print(JSON.stringify({ ...figures, fetched: reading.fetched, notes: reading.notes, lists }, null, 2));
    return;
  }
  some(added, (one) => `+ ${mailOf(one)}${one.className === null ? '' : ` (${one.className})`}`);
  some(
    changed,
    ({ before, after }) => `~ ${mailOf(before)}: ${changeText(before.file !== after.file ? ` → ${mailOf(after)}` : '', before, after)}`,
  );
  some(removed, ({ before, why }) => `- ${mailOf(before)}: ${why}`);
  some(leftOut, ({ dn, why }) => `? ${dn}: ${why}`);
  for (const note of reading.notes) print(`note: ${note}`);
  print(
    Object.entries(figures)
      .map(([name, n]) => `${name === 'leftOut' ? 'left out' : name} ${n}`)
      .join(', '),
  );

  function some<T>(list: readonly T[], line: (one: T) => string): void {
    for (const one of list.slice(0, SHOWN)) print(line(one));
    if (list.length > SHOWN) print(`  … and ${list.length - SHOWN} more`);
  }
}

const mailOf = ({ person }: { readonly person: { readonly mail: string | null; readonly dn: string } }): string => person.mail ?? person.dn;

function changeText(
  renamed: string,
  before: RolloutPlan['changed'][number]['before'],
  after: RolloutPlan['changed'][number]['after'],
): string {
  const isMoved = before.className !== after.className;
  return [renamed.trim(), isMoved ? `class ${before.className ?? '-'} → ${after.className ?? '-'}` : '', 'settings']
    .filter((one) => one !== '')
    .join(', ');
}
