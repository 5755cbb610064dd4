import type { DirectoryConfig } from '../rollout-config.ts';
import { valueOf, valuesOf, type DirectorySource, type Entry } from './source.ts';

const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';

/** Which server answered: marks of change can be compared only with those of the same one. */
export interface DirectoryIdentity {
  readonly kind: 'active-directory' | 'openldap';
  /** AD: the invocationId of this domain controller, whose USNs are its own (MS-DRSR). Else null: time stamps are the directory's. */
  readonly invocationId: string | null;
}

async function rootDse(source: DirectorySource): Promise<Entry | null> {
  const attributes = ['supportedCapabilities', 'dsServiceName'];
  const [entry] = await source.search({ base: '', scope: 'base', filter: '(objectClass=*)', attributes });
  return entry ?? null;
}

/** Asks the server what it is. @throws AdminError */
export async function identify(source: DirectorySource, { kind }: DirectoryConfig): Promise<DirectoryIdentity> {
  const root = await rootDse(source);
  const isAd = root !== null && valuesOf(root, 'supportedCapabilities').includes(ACTIVE_DIRECTORY);
  if (kind === 'openldap' || (kind === 'auto' && !isAd)) return { kind: 'openldap', invocationId: null };
  const service = root === null ? null : valueOf(root, 'dsServiceName');
  if (service === null) return { kind: 'active-directory', invocationId: null };
  const [settings] = await source.search({ base: service, scope: 'base', filter: '(objectClass=*)', attributes: ['invocationId'] });
  return { kind: 'active-directory', invocationId: settings ? valueOf(settings, 'invocationId') : null };
}
