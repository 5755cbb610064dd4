import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ProxyFinder } from '../../engine/core/proxy/proxy-finder.ts';
import { sealForEscrow } from '../../keys/escrow.ts';
import { profileId } from '../../keys/profile-id.ts';
import { failureKind, fileWord, handIn } from '../../policy/hand-in.ts';
import type { AppLog } from '../log-file.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** Which key was sealed for whom, and put where: a change of any of them makes it due again. */
const digestOf = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(createHash('sha256').update(part).digest());
  return hash.digest('hex');
};

export interface EscrowParts {
  readonly inForce: PolicyInForce;
  readonly profileDir: string;
  readonly storeKey: Uint8Array;
  readonly log: AppLog;
  readonly proxies?: ProxyFinder;
}

/**
 * Hands the sealed recovery key in where IT wants it, once for each key, public key and place. What fails is tried again by the next
 * call. Never throws.
 */
export async function deliverEscrow({ inForce, profileDir, storeKey, log, proxies }: EscrowParts): Promise<void> {
  const { publicKey, target } = inForce.section('escrow') ?? {};
  if (publicKey === undefined || target === undefined) return;
  const escrowed = digestOf([storeKey, publicKey, target]);
  if (inForce.keptState()?.escrowed === escrowed) return;
  try {
    const label = { device: hostname(), user: userInfo().username, profile: profileId(profileDir), madeAt: new Date().toISOString() };
    const escrow = sealForEscrow(publicKey, storeKey, label);
    await handIn(target, `${fileWord(label.device)}-${fileWord(label.profile)}.json`, `${JSON.stringify(escrow, null, 2)}\n`, {
      proxies,
      caFile: inForce.section('network')?.caFile,
    });
    inForce.changeKept({ escrowed });
    log.write('info', { ev: 'escrow.handed-in' });
  } catch (error) {
    log.write('warn', { ev: 'escrow.failed', kind: failureKind(error) });
  }
}
