import { z } from 'zod';
import { unsentNoteSchema } from '../../model/account.ts';
import { engineStateSchema } from '../../model/sync.ts';
import { call, none } from '../call.ts';

const passphrase = z.string().min(1).max(1024);

/** The key of the store: how it is unlocked, brought back, and given up. */
export const storeCalls = {
  'store.unlock': call(
    () => z.tuple([z.strictObject({ passphrase })]),
    () => engineStateSchema,
  ),
  'store.choosePassphrase': call(
    () => z.tuple([z.strictObject({ passphrase })]),
    () => engineStateSchema,
  ),
  'store.retry': call(
    () => none,
    () => engineStateSchema,
  ),
  /** `passphrase`: the new one, where no keyring answers or the old one is forgotten. */
  'store.recover': call(
    () => z.tuple([z.strictObject({ recoveryKey: z.string().min(1).max(400), passphrase: passphrase.nullable() })]),
    () => engineStateSchema,
  ),
  /** What would stay behind in the store that is set aside; null where it cannot be known. */
  'store.unsent': call(
    () => none,
    () => unsentNoteSchema.nullable(),
  ),
  /** Moves the store whose key is lost out of the way and begins anew; nothing is deleted. */
  'store.setAside': call(
    () => z.tuple([z.strictObject({ acceptLosses: z.literal(true) })]),
    () => engineStateSchema,
  ),
  /** Shown and saved by the app process: the window never has it. */
  'store.showRecoveryKey': call(
    () => none,
    () => z.strictObject({ savedAs: z.string().nullable() }),
  ),
} as const;
