import { version } from '../../../package.json';

/** All that servers are told of us by ID (RFC 2971). */
export const clientIdentity = { name: 'Holdover', version } as const;
