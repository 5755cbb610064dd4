import { MailError, packError, type PackedError } from '../../shared/errors.ts';
import type { CallArgs, EngineCall } from '../../shared/ipc/contract.ts';
import { ownFields, templateFields } from '../../shared/model/account-template.ts';
import { eraseEnrolmentFile, readEnrolmentFile } from '../keys/enrolment-file.ts';
import type { HeldRules } from './engine-link-types.ts';
import type { AppLog } from './log-file.ts';

/** The part of the engine that enrolment needs. */
export interface Enroller {
  call<N extends EngineCall>(name: N, args: CallArgs<N>): Promise<unknown>;
  setPolicy(email: string, rules: HeldRules): Promise<void>;
}

/** How many accounts the file held, or why they were not enrolled. */
export type Enrolment = { readonly accounts: number } | { readonly error: PackedError };

/**
 * Enrols the accounts of an enrolment file, takes over what it says anew of those that exist, and erases the file once all is done.
 * Never throws: the error, if any, is logged and returned, and the file is kept.
 */
export async function enrolFromFile(file: string, engine: Enroller, log: AppLog): Promise<Enrolment> {
  try {
    const { accounts } = readEnrolmentFile(file);
    for (const account of accounts) {
      const outcome = await enrolOne(engine, account);
      log.write('info', { ev: 'enrolment.account', outcome });
    }
    eraseEnrolmentFile(file);
    return { accounts: accounts.length };
  } catch (error) {
    const packed = packError(error);
    log.write('error', { ev: 'enrolment.failed', code: packed.code });
    return { error: packed };
  }
}

type Given = ReturnType<typeof readEnrolmentFile>['accounts'][number];

async function enrolOne(engine: Enroller, account: Given): Promise<'enrolled' | 'existed'> {
  const { config } = account;
  const rules = { managed: config.managed, own: ownFields(config) };
  try {
    await engine.call('accounts.enrol', [account]);
  } catch (error) {
    if (!(error instanceof MailError && error.code === 'account-exists')) throw error;
    await engine.setPolicy(config.email, { ...rules, template: templateFields(config), secrets: account.secrets });
    return 'existed';
  }
  // What the file said is known to the next one.
  await engine.setPolicy(config.email, { ...rules, template: null });
  return 'enrolled';
}
