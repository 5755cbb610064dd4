import { unpackError } from '../../../shared/errors.ts';
import type { AccountConfig } from '../../../shared/model/account.ts';
import type { GivenSecrets } from '../../../shared/model/sign-in.ts';
import type { ConnectionStep } from '../../../shared/model/sync.ts';
import type { EngineService } from '../engine-service.ts';

/**
 * Logs in everywhere before an account is kept: a wrong password must be told while the person who knows it sits there. A server
 * that is away is no reason to refuse: the account is set up, and mirrors when it is back.
 * @throws MailError auth-rejected, of the first server that refuses
 */
export async function proveLogins(engine: Pick<EngineService, 'call'>, config: AccountConfig, secrets: GivenSecrets): Promise<void> {
  const steps = (await engine.call('enrol.test', [{ config, secrets }])) as readonly ConnectionStep[];
  const refused = steps.find(({ step, error }) => step === 'login' && error?.code === 'auth-rejected');
  if (refused?.error) throw unpackError({ ...refused.error, side: refused.side });
}
