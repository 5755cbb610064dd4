/** What a server offers of the extensions that change how the product works. */
export interface CapabilityProfile {
  /** E.g. `condstore uidplus -move idle -special-use`. */
  readonly name: string;
  readonly modSeq: 'qresync' | 'condstore' | 'none';
  readonly uidplus: boolean;
  readonly move: boolean;
  readonly idle: boolean;
  readonly specialUse: boolean;
  /** Capabilities that the proxy hides for this profile. */
  readonly hidden: readonly string[];
}

type Choice = Omit<CapabilityProfile, 'name' | 'hidden'>;

function hiddenBy(choice: Choice): string[] {
  const hidden: string[] = [];
  if (choice.modSeq !== 'qresync') hidden.push('QRESYNC');
  if (choice.modSeq === 'none') hidden.push('CONDSTORE');
  if (!choice.uidplus) hidden.push('UIDPLUS');
  if (!choice.move) hidden.push('MOVE');
  // A server without IDLE pushes nothing, so NOTIFY goes with it.
  if (!choice.idle) hidden.push('IDLE', 'NOTIFY');
  // A server too old for special uses has no extended LIST either, which would tell them.
  if (!choice.specialUse) hidden.push('SPECIAL-USE', 'CREATE-SPECIAL-USE', 'LIST-EXTENDED', 'LIST-STATUS');
  return hidden;
}

function profile(choice: Choice): CapabilityProfile {
  const sign = (isOffered: boolean, name: string): string => (isOffered ? name : `-${name}`);
  const { modSeq, uidplus, move, idle, specialUse } = choice;
  const name = [modSeq, sign(uidplus, 'uidplus'), sign(move, 'move'), sign(idle, 'idle'), sign(specialUse, 'special-use')].join(' ');
  return { ...choice, name, hidden: hiddenBy(choice) };
}

const BOTH = [true, false] as const;

/** All 48 combinations of {QRESYNC, CONDSTORE, none} x {UIDPLUS} x {MOVE} x {IDLE} x {SPECIAL-USE}. */
export const capabilityProfiles: readonly CapabilityProfile[] = (['qresync', 'condstore', 'none'] as const).flatMap((modSeq) =>
  BOTH.flatMap((uidplus) =>
    BOTH.flatMap((move) => BOTH.flatMap((idle) => BOTH.map((specialUse) => profile({ modSeq, uidplus, move, idle, specialUse })))),
  ),
);
