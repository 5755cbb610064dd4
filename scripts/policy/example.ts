import type { z } from 'zod';
import type { policySchema } from '../../shared/policy/schema.ts';

/** Made for this example; nobody has its private half. */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAQUOlRYIPZ6ZJuSfgVTsjGjbCRqcBu9RqDsjIBDjvkBc=
-----END PUBLIC KEY-----
`;

/** What a company might roll out; the templates, the profile and the reference show it. */
export const examplePolicy: z.input<typeof policySchema> = {
  $schema: './policies.schema.json',
  accounts: [
    {
      email: '{mail}',
      aliases: ['{proxyAddresses}'],
      primary: {
        imap: { host: 'imap.company.example', port: 993, security: 'tls', user: '{mail}' },
        smtp: { host: 'smtp.company.example', port: 465, security: 'tls', user: '{mail}' },
      },
      relay: {
        imap: { host: 'relay.provider.example', port: 993, security: 'tls', user: '{mail}' },
        smtp: { host: 'submit.provider.example', port: 465, security: 'tls', user: '{mail}' },
      },
    },
  ],
  retention: { incomingDays: 14, outgoingDays: 30 },
  continuity: { failover: 'automatic', reconcile: 'ask' },
  mail: { remoteImages: 'never', trustedAuthservIds: ['mx.company.example'] },
  lock: { afterIdleMinutes: 30, onSystemLock: true },
  lease: { days: 21 },
  escrow: { publicKey: PUBLIC_KEY, target: 'https://escrow.company.example/holdover' },
  updates: { mode: 'on', url: 'https://updates.company.example/holdover', channel: 'latest' },
  log: { level: 'info' },
  readiness: {
    report: 'https://it.company.example/holdover/readiness',
    webhook: 'https://it.company.example/holdover/alerts',
    syslog: 'tls://syslog.company.example:6514',
  },
};
