import { MailError } from '../../shared/errors.ts';
import type { PolicyReading } from '../policy/read-policy.ts';
import { readMachinePolicy } from './machine-policy.ts';

/** By these IT keeps mail from whoever finds a computer left alone, taken away or given up. */
const KEEPERS = ['lock', 'lease', 'wipe'] as const;

/**
 * A command that prints mail would walk around the lock of the app: it is refused where IT has set one, and where what IT has set cannot
 * be read.
 * @throws MailError held-by-policy, with the sections that hold it
 */
export async function refuseHeldMail(read: () => Promise<PolicyReading> = readMachinePolicy): Promise<void> {
  const reading = await read();
  const held = reading.isRight ? KEEPERS.filter((name) => reading.policy[name] !== undefined) : ['policy'];
  if (held.length > 0) throw new MailError('held-by-policy', { scope: 'store', retry: 'never', detail: held.join(', ') });
}
