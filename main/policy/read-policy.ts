import { policySchema, policySections, type Policy, type PolicySection } from '../../shared/policy/schema.ts';
import type { PolicyFault, PolicyPlaceName } from '../../shared/policy/state.ts';
import { faultsOf, PolicyAway, PolicyError } from './fault.ts';
import type { PolicyPlace } from './places.ts';

export type PolicySource = Readonly<Partial<Record<PolicySection, PolicyPlaceName>>>;
export type PolicyReading =
  | { readonly isRight: true; readonly policy: Policy; readonly from: PolicySource }
  /** Without faults: a place cannot be reached now. */
  | { readonly isRight: false; readonly faults: readonly PolicyFault[] };

/** Checks what stands at one place. @throws PolicyError with every fault of it */
export function checkPolicy(place: PolicyPlaceName, given: unknown): Policy {
  const parsed = policySchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new PolicyError(faultsOf(place, given, parsed.error));
}

/**
 * Reads every place and puts them together: each section from the first place that has it. What is wrong at any of them makes the
 * whole wrong. Never throws.
 */
export async function readPolicy(places: readonly PolicyPlace[]): Promise<PolicyReading> {
  const policy: Partial<Record<PolicySection, unknown>> = {};
  const from: Partial<Record<PolicySection, PolicyPlaceName>> = {};
  const faults: PolicyFault[] = [];
  let isAway = false;
  for (const place of places) {
    try {
      const given = await place.read();
      if (given === null) continue;
      const checked = checkPolicy(place.name, given);
      for (const section of policySections) {
        if (checked[section] === undefined || section in policy) continue;
        policy[section] = checked[section];
        from[section] = place.name;
      }
    } catch (error) {
      // A program of the system that cannot be started is no proof that there is no policy.
      if (error instanceof PolicyAway) isAway = true;
      else if (error instanceof PolicyError) faults.push(...error.faults);
      else
        faults.push({
          place: place.name,
          path: '',
          what: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
          value: null,
        });
    }
  }
  return faults.length > 0 || isAway ? { isRight: false, faults } : { isRight: true, policy: policySchema.parse(policy), from };
}
