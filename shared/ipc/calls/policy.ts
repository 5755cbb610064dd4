import { z } from 'zod';
import { policyStateSchema } from '../../policy/state.ts';
import { call, done, none } from '../call.ts';

const password = z.string().min(1).max(4096);

/** What IT holds, and the accounts that it has prepared. */
export const policyCalls = {
  'policy.state': call(
    () => none,
    () => policyStateSchema,
  ),
  /** Enrols a prepared account, whose address is all that the window says of it. `relayPassword`: null where it is the same. */
  'policy.enrol': call(
    () => z.tuple([z.strictObject({ email: z.email().max(320), password, relayPassword: password.nullable() })]),
    () => done,
  ),
} as const;
