import { z } from 'zod';
import { signInSectionSchema } from './sign-in.ts';

/** Where a policy can stand, first those that win. */
export const policyPlaceNames = ['registry', 'managed-preferences', 'machine-file', 'package-file'] as const;
export type PolicyPlaceName = (typeof policyPlaceNames)[number];

export const policyFaultSchema = z.lazy(() =>
  z.strictObject({
    place: z.enum([...policyPlaceNames, 'enrolment-folder']),
    /** `accounts[0].primary.imap.port`; empty for the whole. */
    path: z.string().max(1000),
    what: z.string().max(300),
    /** As JSON; null where it is long, absent or may be a secret. */
    value: z.string().max(100).nullable(),
  }),
);
export type PolicyFault = z.infer<typeof policyFaultSchema>;

const ask = z.enum(['password', 'sign-in']);

/** What the window shows of the policy. */
export const policyStateSchema = z.lazy(() =>
  z.strictObject({
    /** Names of the sections in force and the place of each. */
    sections: z.record(z.string(), z.enum(policyPlaceNames)),
    /** Why the newest policy was refused; empty where it is in force. */
    faults: z.array(policyFaultSchema),
    /** Settings that the person cannot change. */
    held: z.array(z.string()),
    /** How the app is registered at providers; empty where IT does not say. */
    signIn: signInSectionSchema.or(z.tuple([])),
    /** Prepared for who is signed in, and not set up yet. */
    accounts: z.array(
      z.strictObject({
        email: z.string().max(320),
        /** What the person has to give for each side; null where there is no such side. */
        asks: z.strictObject({ primary: ask.nullable(), relay: ask.nullable() }),
        /** What of the template is not known here, such as `mail`; null where only the person is missing. */
        missing: z.string().max(400).nullable(),
      }),
    ),
    /** Addresses of accounts whose template is gone: they stay as they are, and the person's. */
    released: z.array(z.string().max(320)).max(1000),
  }),
);
export type PolicyState = z.infer<typeof policyStateSchema>;
