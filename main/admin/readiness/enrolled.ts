import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enrolmentFileSchema } from '../../../shared/model/enrolment-file.ts';
import { AdminError } from '../admin-error.ts';
import { readState, type Enrolled } from '../rollout-state.ts';

/** The address of the account in an enrolment file, which need not be the directory's; null where the file cannot be read. */
function addressIn(path: string): string | null {
  try {
    return enrolmentFileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).accounts[0]?.config.email ?? null;
  } catch {
    // Already laid on a device, or taken away since
    return null;
  }
}

/**
 * Addresses of everybody whom `admin enrol` has enrolled.
 * @param place its output folder, or the state file in it
 * @throws AdminError enrolment-missing, state-damaged
 */
export function readEnrolled(place: string): string[] {
  const folder = existsSync(place) && statSync(place).isFile() ? dirname(place) : place;
  const state = readState(folder);
  if (state === null) throw new AdminError('enrolment-missing', folder);
  const addressOf = ({ person, file }: Enrolled): string | null => addressIn(join(folder, file)) ?? person.mail;
  return state.enrolled.flatMap((one) => addressOf(one) ?? []);
}
