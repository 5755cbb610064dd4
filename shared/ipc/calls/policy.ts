import { z } from 'zod';
import { policyStateSchema } from '../../policy/state.ts';
import { emailAddress, sideSchema } from '../../model/account.ts';
import { signInStateSchema } from '../../model/sign-in.ts';
import { call, done, none } from '../call.ts';
import { signInWay } from './sign-in.ts';

const email = emailAddress();
const password = z.string().min(1).max(4096);

/** What IT holds, and the accounts that it has prepared. */
export const policyCalls = {
  'policy.state': call(
    () => none,
    () => policyStateSchema,
  ),
  /** Enrols a prepared account. `relayPassword`: null where it is the same; `signIns`: ids, for sides that ask for one. */
  'policy.enrol': call(
    () =>
      z.tuple([
        z.strictObject({
          email,
          password: password.nullable(),
          relayPassword: password.nullable(),
          signIns: z.strictObject({ primary: z.uuid().nullable(), relay: z.uuid().nullable() }),
        }),
      ]),
    () => done,
  ),
  'policy.signIn': call(
    () => z.tuple([z.strictObject({ ...signInWay, email, side: sideSchema })]),
    () => signInStateSchema,
  ),
} as const;
