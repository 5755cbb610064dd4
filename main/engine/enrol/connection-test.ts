import { MailError, packError, unpackError, type PackedError } from '../../../shared/errors.ts';
import type { Account, AccountConfig, AccountSecrets, Endpoint, Secret, Service, Side } from '../../../shared/model/account.ts';
import { asAccountId } from '../../../shared/model/ids.ts';
import type { ConnectionStep } from '../../../shared/model/sync.ts';
import { CredentialProvider } from '../auth/credential-provider.ts';
import type { EngineDeps } from '../deps.ts';
import type { Credentials } from '../imap/gateway.ts';
import type { SecretStore } from '../secrets.ts';
import { StepRecorder } from './step-recorder.ts';
import { wordsOfServer } from './words-of-server.ts';

type Parts = Pick<EngineDeps, 'imap' | 'smtp' | 'clock' | 'proxies'>;

/** Time for one service on one side, all steps together. */
const SERVICE_TIMEOUT_MS = 20_000;

/** A token was renewed: whoever has the old one keeps this instead. */
type OnRenewed = (side: Side, service: Service, secret: Secret) => Promise<void>;

interface Trial {
  readonly side: Side;
  readonly service: Service;
  readonly endpoint: Endpoint;
}

/**
 * Tries every endpoint of a configuration that is not enrolled yet, all at once, each for at most 20 s, and says for each
 * step whether it worked; steps after a failed one are `skipped`. Nothing is changed on any server. Never throws.
 */
export async function testConnections(
  parts: Parts,
  config: AccountConfig,
  secrets: AccountSecrets,
  onRenewed: OnRenewed = () => Promise.resolve(),
): Promise<ConnectionStep[]> {
  const account: Account = { id: asAccountId(1), config };
  const provider = new CredentialProvider({ secrets: givenSecrets(secrets, onRenewed), clock: parts.clock, proxies: parts.proxies });
  const runs = trialsOf(config).map((trial) => runTrial(parts, trial, () => provider.get(account, trial.side, trial.service)));
  return (await Promise.all(runs)).flat();
}

/**
 * Proves a password that was typed in anew, at both services of one side of an account.
 * @throws MailError what the first step that failed has met; config-invalid where the side has no password
 */
export async function provePassword(parts: Parts, config: AccountConfig, side: Side, password: string): Promise<void> {
  const trials = trialsOf(config).filter((one) => one.side === side && one.endpoint.auth.type === 'password');
  if (trials.length === 0) throw new MailError('config-invalid', { scope: 'account', retry: 'never', side, detail: 'no password' });
  const runs = trials.map((trial) => runTrial(parts, trial, () => Promise.resolve({ type: 'password', password })));
  const failed = (await Promise.all(runs)).flat().find(({ error }) => error !== null);
  if (failed?.error) throw unpackError(failed.error);
}

function trialsOf(config: AccountConfig): Trial[] {
  return (['primary', 'relay'] as const).flatMap((side) => {
    const of = config[side];
    if (!of) return [];
    const imap: Trial = { side, service: 'imap', endpoint: of.imap };
    return of.smtp ? [imap, { side, service: 'smtp', endpoint: of.smtp }] : [imap];
  });
}

/** The secrets typed in at enrolment, in the shape of the store that will hold them afterwards. */
function givenSecrets(secrets: AccountSecrets, onRenewed: OnRenewed): SecretStore {
  return {
    get: (_id, side, service) => Promise.resolve(secrets[side]?.[service] ?? null),
    set: (_id, side, service, secret) => onRenewed(side, service, secret),
    delete: () => Promise.resolve(),
  };
}

async function runTrial(parts: Parts, trial: Trial, login: () => Promise<Credentials>): Promise<ConnectionStep[]> {
  const { side, service, endpoint } = trial;
  const recorder = new StepRecorder({ side, service, hasTls: endpoint.security !== 'plain', clock: parts.clock });
  const controller = new AbortController();
  const timeout = new MailError('server-timeout', { scope: 'connection', retry: 'later', side });
  const cancel = parts.clock.after(SERVICE_TIMEOUT_MS, () => controller.abort(timeout));
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(timeout), { once: true });
  });
  try {
    await Promise.race([service === 'imap' ? tryImap() : trySmtp(), ended]);
  } catch (error) {
    recorder.fail(packOnSide(error, side), wordsOfServer(error));
  } finally {
    cancel();
  }
  return recorder.steps();

  async function tryImap(): Promise<void> {
    const credentials = await login();
    const onStep = (step: 'resolve' | 'connect' | 'tls' | 'login') => recorder.pass(step);
    const session = await parts.imap.connect(endpoint, credentials, { side, signal: controller.signal, onStep });
    try {
      recorder.pass('login');
      const mailboxes = await session.list();
      if (mailboxes.length === 0) throw new MailError('mailbox-missing', { scope: 'account', retry: 'ask', side });
      recorder.pass('mailboxes');
    } finally {
      await session.close();
    }
  }

  async function trySmtp(): Promise<void> {
    const credentials = await login();
    const onStep = (step: 'resolve' | 'connect' | 'tls' | 'login' | 'submission') => recorder.pass(step);
    await parts.smtp.verify(endpoint, credentials, { side, signal: controller.signal, onStep });
    recorder.pass('submission');
  }
}

function packOnSide(error: unknown, side: Side): PackedError {
  return { ...packError(error), side };
}
