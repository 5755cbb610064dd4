import { ownAddresses, type Account } from '../../shared/model/account.ts';
import { domainOf } from '../../shared/trust/base-domain.ts';

/** Domains of all addresses of the person, each once: what imitates one of them is warned of. Pure. */
export const ownDomains = (accounts: readonly Account[]): string[] => [
  ...new Set(accounts.flatMap(({ config }) => ownAddresses(config).map(domainOf))),
];
