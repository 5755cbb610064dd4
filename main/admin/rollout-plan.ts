import { createHash } from 'node:crypto';
import type { AccountConfig } from '../../shared/model/account.ts';
import { accountFor, Unfilled } from './account-template.ts';
import { AdminError } from './admin-error.ts';
import type { Reading } from './directory/read-people.ts';
import type { RolloutConfig } from './rollout-config.ts';
import type { Enrolled, RolloutState } from './rollout-state.ts';

/** One enrolment file as it shall be. */
export interface Wanted extends Enrolled {
  readonly text: string;
}

export interface RolloutPlan {
  readonly wanted: readonly Wanted[];
  readonly added: readonly Wanted[];
  readonly changed: readonly { readonly before: Enrolled; readonly after: Wanted }[];
  readonly removed: readonly { readonly before: Enrolled; readonly why: 'disabled' | 'no address' | 'not selected' | 'incomplete' }[];
  /** Selected and left out, each with the reason. */
  readonly leftOut: readonly { readonly dn: string; readonly why: string }[];
}

/** File name of an address; lower case, so that no two differ by case alone. */
const fileNameOf = (mail: string): string =>
  `${mail.replace(/[^a-z0-9@._+-]/gu, (char) => `%${Buffer.from(char).toString('hex')}`).slice(0, 250)}.json`;

const textOf = (config: AccountConfig): string => `${JSON.stringify({ accounts: [{ config }] }, null, 2)}\n`;

/** What has to change for the enrolment files to be what the directory says. Pure. @throws AdminError address-twice, nobody-selected */
export function planRollout(config: RolloutConfig, reading: Reading, state: RolloutState | null): RolloutPlan {
  const { wanted, leftOut } = wantedOf(config, reading);
  const before = new Map((state?.enrolled ?? []).map((one) => [one.person.id, one]));
  if (wanted.length === 0 && before.size === 0) throw new AdminError('nobody-selected', config.directory.baseDn);
  const after = new Map(wanted.map((one) => [one.person.id, one]));
  const removed = [...before.values()].filter((one) => !after.has(one.person.id));
  const whyOf = ({ person: { id } }: Enrolled) => {
    const person = reading.people.find((one) => one.id === id);
    if (person === undefined) return 'not selected' as const;
    return person.isDisabled ? ('disabled' as const) : person.mail === null ? ('no address' as const) : ('incomplete' as const);
  };
  return {
    ...{ wanted, leftOut },
    added: wanted.filter((one) => !before.has(one.person.id)),
    changed: wanted.flatMap((one) => {
      const old = before.get(one.person.id);
      return old && (old.sha256 !== one.sha256 || old.file !== one.file || old.className !== one.className)
        ? [{ before: old, after: one }]
        : [];
    }),
    removed: removed.map((one) => ({ before: one, why: whyOf(one) })),
  };
}

function wantedOf(config: RolloutConfig, { people, classes }: Reading): Pick<RolloutPlan, 'wanted' | 'leftOut'> {
  const wanted: Wanted[] = [];
  const leftOut: { dn: string; why: string }[] = [];
  const owners = new Map<string, string>();
  for (const person of [...people].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { mail, dn } = person;
    if (person.isDisabled || mail === null) {
      leftOut.push({ dn, why: person.isDisabled ? 'disabled' : 'no mail address' });
      continue;
    }
    const other = owners.get(mail);
    if (other !== undefined) throw new AdminError('address-twice', `${mail}: ${other} and ${dn}`);
    owners.set(mail, dn);
    const className = classes.get(person.id) ?? null;
    try {
      const text = textOf(accountFor(person, config, className));
      const sha256 = createHash('sha256').update(text).digest('hex');
      wanted.push({ person, className, text, sha256, file: fileNameOf(mail) });
    } catch (error) {
      if (!(error instanceof Unfilled)) throw error;
      leftOut.push({ dn, why: `no ${error.message} for a placeholder` });
    }
  }
  return { wanted, leftOut };
}

/** Stops a run by which too many vanish: a directory that shows less than it did is more often wrong than right. @throws AdminError too-many-vanish */
export function guardVanish(plan: RolloutPlan, state: RolloutState | null, percent: number): void {
  const before = state?.enrolled.length ?? 0;
  const share = before === 0 ? 0 : (plan.removed.length / before) * 100;
  if (share <= percent) return;
  throw new AdminError('too-many-vanish', `${plan.removed.length} of ${before} (${share.toFixed(1)} %, allowed ${percent} %)`);
}

/** Whether anything is to be written. */
export const isEmptyPlan = ({ added, changed, removed }: RolloutPlan): boolean => added.length + changed.length + removed.length === 0;
