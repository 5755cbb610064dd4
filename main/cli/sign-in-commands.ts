import { MailError, unpackError } from '../../shared/errors.ts';
import type { Account, Side } from '../../shared/model/account.ts';
import { signInOf } from '../engine/calls/sign-in.ts';
import type { ContinuityEngine } from '../engine/engine.ts';

type Print = (text: string) => void;

/** The sides of an account that are signed in to at a provider. */
const signInSides = ({ config }: Account): Side[] =>
  (['primary', 'relay'] as const).filter((side) => {
    const auth = config[side]?.imap.auth;
    return auth?.type === 'oauth2' && auth.provider !== undefined;
  });

/** Shows a code and waits until somebody has used it. @throws MailError sign-in-*, cancelled, keyring errors */
async function signInSide(engine: ContinuityEngine, { id, config }: Account, side: Side, print: Print): Promise<void> {
  const signIns = await engine.signIns();
  const keep = engine.signedIn.bind(engine, id, side);
  let state = await signIns.begin({ ...signInOf(config, side), flow: 'device', language: 'en', keep });
  print(`${config.email}, ${side}: open ${state.url} on any device and enter the code ${state.userCode}`);
  while (state.phase === 'waiting') state = await signIns.wait(state.id);
  if (state.error) throw unpackError({ ...state.error, side });
  print(`${config.email}, ${side}: signed in${state.signedInAs === null ? '' : ` as ${state.signedInAs}`}`);
}

/** Signs in to every provider of an account by codes, one after the other. @throws MailError account-missing, config-invalid, as above */
export async function signInByCode(engine: ContinuityEngine, email: string, print: Print): Promise<number> {
  const account = engine.store.accounts.list().find((one) => one.config.email.toLowerCase() === email.toLowerCase());
  if (!account) throw new MailError('account-missing', { scope: 'account', retry: 'ask' });
  const sides = signInSides(account);
  if (sides.length === 0)
    throw new MailError('config-invalid', { scope: 'account', retry: 'never', detail: 'no provider to sign in with' });
  for (const side of sides) await signInSide(engine, account, side, print);
  return 0;
}

/** The same for the accounts of an enrolment file that came without secrets. */
export async function signInEnrolled(engine: ContinuityEngine, emails: readonly string[], print: Print): Promise<void> {
  const accounts = engine.store.accounts.list().filter(({ config }) => emails.includes(config.email));
  for (const account of accounts) for (const side of signInSides(account)) await signInSide(engine, account, side, print);
}
