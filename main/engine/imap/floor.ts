import { asUid, asUidValidity, type Uid, type UidValidity } from '../../../shared/model/ids.ts';
import type { ImapSession } from './gateway.ts';

/** Where a mailbox stood before something was put there: whatever has a UID from there on is ours or newer. */
export interface Floor {
  readonly uid: Uid;
  readonly uidValidity: UidValidity;
}

export async function readFloor(session: ImapSession, path: string): Promise<Floor> {
  const { uidNext, uidValidity } = await session.status(path);
  return { uid: uidNext, uidValidity };
}

/** A floor as values of a journal's step result. */
export const packFloor = ({ uid, uidValidity }: Floor): { floor: number; epoch: number } => ({ floor: uid, epoch: Number(uidValidity) });

/** Reverse of packFloor(); null where none was noted. */
export function unpackFloor({ floor, epoch }: Readonly<Record<string, string | number | null>>): Floor | null {
  if (typeof floor !== 'number' || typeof epoch !== 'number') return null;
  return { uid: asUid(floor), uidValidity: asUidValidity(epoch) };
}
