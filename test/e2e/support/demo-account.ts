import type { AccountConfigInput } from '../../../shared/model/account.ts';
import { startDemoServers, type DemoServer, type DemoServers } from '../../../scripts/demo/servers.mjs';
import { buildSampleMailbox, sampleOwner } from '../../support/sample-mail/index.mjs';

/** The demo's two embedded servers with the sample mail, and what enrols an account on them. */
export interface DemoAccount {
  readonly servers: DemoServers;
  /** Content of the enrolment file. */
  readonly enrolment: string;
}

/** Starts them. `continuity`: as in the configuration, for shorter waits than a person would want. */
export async function startDemoAccount(continuity: NonNullable<AccountConfigInput['continuity']>): Promise<DemoAccount> {
  const servers = await startDemoServers({ sample: buildSampleMailbox({ now: new Date(), days: 14 }) });
  const endpoint = ({ user }: DemoServer, port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user });
  const side = (server: DemoServer) => ({ imap: endpoint(server, server.imapPort), smtp: endpoint(server, server.smtpPort) });
  const secrets = ({ pass }: DemoServer) => ({ imap: { type: 'password', password: pass }, smtp: { type: 'password', password: pass } });
  const config: AccountConfigInput = {
    email: sampleOwner.address,
    displayName: sampleOwner.name,
    primary: side(servers.primary),
    relay: side(servers.relay),
    continuity,
  };
  const account = { config, secrets: { primary: secrets(servers.primary), relay: secrets(servers.relay) } };
  return { servers, enrolment: JSON.stringify({ accounts: [account] }) };
}
