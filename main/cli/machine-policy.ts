import { policyPlaces } from '../policy/places.ts';
import { readPolicy, type PolicyReading } from '../policy/read-policy.ts';

/** What IT holds on this machine, from the places that the app reads. */
export const readMachinePolicy = (): Promise<PolicyReading> =>
  readPolicy(policyPlaces({ platform: process.platform, env: process.env, resourcesDir: process.env['HOLDOVER_RESOURCES'] ?? null }));
