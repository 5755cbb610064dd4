import { describe, expect, it } from 'vitest';
import { policySchema } from '../../shared/policy/schema.ts';
import { examplePolicy } from '../../scripts/policy/example.ts';

const endpoint = { host: 'imap.company.example', port: 993, security: 'tls', user: '{mail}' };
const account = { primary: { imap: endpoint, smtp: null } };

/** Paths at fault. */
const faultsOf = (policy: unknown): string[] => (policySchema.safeParse(policy).error?.issues ?? []).map(({ path }) => path.join('.'));

describe('the policy', () => {
  it('takes the example, and one of any single section', () => {
    expect(policySchema.parse(examplePolicy).accounts?.[0]?.email).toBe('{mail}');
    for (const [section, value] of Object.entries(examplePolicy)) expect(faultsOf({ [section]: value })).toEqual([]);
    expect(faultsOf({})).toEqual([]);
  });

  it('fills nothing in that IT did not give', () => {
    expect(policySchema.parse({ retention: { incomingDays: 3 } })).toEqual({ retention: { incomingDays: 3 } });
  });

  it.each([
    ['an unknown section', { lok: {} }, ['']],
    ['an unknown value', { lock: { onSuspend: true, afterIdle: 5 } }, ['lock']],
    ['an empty section', { lock: {} }, ['lock']],
    ['a lease of no day', { lease: { days: 0 } }, ['lease.days']],
    ['a lease of more days than mail is kept', { lease: { days: 91 } }, ['lease.days']],
    ['a lease without days', { lease: {} }, ['lease']],
    ['a number out of bounds', { retention: { incomingDays: 0 } }, ['retention.incomingDays']],
    ['a text in place of a number', { retention: { incomingDays: '30' } }, ['retention.incomingDays']],
    ['an unknown word', { continuity: { failover: 'always' } }, ['continuity.failover']],
    ['updates without TLS', { updates: { url: 'http://updates.company.example' } }, ['updates.url']],
    ['a relative folder', { escrow: { publicKey: examplePolicy.escrow?.publicKey, target: 'keys' } }, ['escrow.target']],
    ['a private key', { escrow: { publicKey: '-----BEGIN PRIVATE KEY-----', target: '/srv/keys' } }, ['escrow.publicKey']],
    ['an escrow without a place', { escrow: { publicKey: examplePolicy.escrow?.publicKey } }, ['escrow']],
    ['a wipe without devices', { wipe: { order: '1' } }, ['wipe']],
    ['an unknown attribute', { accounts: [{ ...account, email: '{email}' }] }, ['accounts.0.email']],
    [
      'an unknown attribute of a log-in',
      { accounts: [{ primary: { imap: { ...endpoint, user: '{uid}' }, smtp: null } }] },
      ['accounts.0.primary.imap.user'],
    ],
    [
      'an unencrypted connection',
      { accounts: [{ primary: { imap: { ...endpoint, security: 'plain' }, smtp: null } }] },
      ['accounts.0.primary.imap.security'],
    ],
    ['a report without TLS', { readiness: { report: 'http://it.company.example' } }, ['readiness.report']],
    ['a report into a relative folder', { readiness: { report: 'reports' } }, ['readiness.report']],
    ['alerts without TLS', { readiness: { webhook: 'http://it.company.example' } }, ['readiness.webhook']],
    ['a syslog server without a port', { readiness: { syslog: 'tls://syslog.company.example' } }, ['readiness.syslog']],
    ['a syslog server of no such port', { readiness: { syslog: 'udp://syslog.company.example:70000' } }, ['readiness.syslog']],
    ['a report every half hour', { readiness: { report: '/srv/reports', everyHours: 0.5 } }, ['readiness.everyHours']],
    ['readiness told to nobody', { readiness: { everyHours: 24 } }, ['readiness']],
    ['a control character', { wipe: { devices: ['a\u0007'], order: '1' } }, ['wipe.devices.0']],
  ])('refuses %s and names the place', (_what, policy, places) => {
    expect(faultsOf(policy)).toEqual(places);
  });
});
