import type { AccountConfigInput } from '../../../shared/model/account.ts';
import { startDemoServers, type DemoServer, type DemoServers } from '../../../scripts/demo/servers.mjs';
import { buildSampleMailbox, sampleOwner, type Sample } from '../../support/sample-mail/index.mjs';

/** The demo's two embedded servers with the sample mail, and what enrols an account on them. */
export interface DemoAccount {
  readonly servers: DemoServers;
  /** What both hold. Made twice, it would be other mail each time: it is dated from then. */
  readonly sample: Sample;
  /** Content of the enrolment file. */
  readonly enrolment: string;
}

/** Starts what takes the submissions of both sides in place of the demo's own; it lets in the servers' users. */
type SubmissionStart = (
  servers: DemoServers,
) => Promise<{ readonly primary: { readonly port: number }; readonly relay: { readonly port: number } }>;

/** Of sample mail: more rows than a window shows. Two weeks would be twice as many mails and ten times the bytes, which each first start mirrors. */
const DAYS = 7;

/** Starts them. `continuity`: as in the configuration, for shorter waits than a person would want. */
export async function startDemoAccount(
  continuity: NonNullable<AccountConfigInput['continuity']>,
  startSubmission?: SubmissionStart,
): Promise<DemoAccount> {
  const sample = buildSampleMailbox({ now: new Date(), days: DAYS });
  const servers = await startDemoServers({ sample });
  const submission = await startSubmission?.(servers);
  const endpoint = ({ user }: DemoServer, port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user });
  const side = (server: DemoServer, smtpPort: number) => ({ imap: endpoint(server, server.imapPort), smtp: endpoint(server, smtpPort) });
  const secrets = ({ pass }: DemoServer) => ({ imap: { type: 'password', password: pass }, smtp: { type: 'password', password: pass } });
  const config: AccountConfigInput = {
    email: sampleOwner.address,
    displayName: sampleOwner.name,
    primary: side(servers.primary, submission?.primary.port ?? servers.primary.smtpPort),
    relay: side(servers.relay, submission?.relay.port ?? servers.relay.smtpPort),
    continuity,
  };
  const account = { config, secrets: { primary: secrets(servers.primary), relay: secrets(servers.relay) } };
  return { servers, sample, enrolment: JSON.stringify({ accounts: [account] }) };
}

/** One enrolment file for several of them; `change` is what each has of its own. */
export function enrolmentOfAll(accounts: readonly DemoAccount[], change: (n: number) => Partial<AccountConfigInput>): string {
  const all = accounts.map(({ enrolment }, n) => {
    const [account] = (JSON.parse(enrolment) as { accounts: { config: AccountConfigInput; secrets: unknown }[] }).accounts;
    return { ...account, config: { ...account!.config, ...change(n) } };
  });
  return JSON.stringify({ accounts: all });
}
