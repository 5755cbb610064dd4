import { MailError } from '../../../shared/errors.ts';
import type { AccountConfig, Side } from '../../../shared/model/account.ts';
import type { ParsedArgs } from '../../../shared/ipc/contract.ts';
import type { GivenSecret, GivenSecrets } from '../../../shared/model/sign-in.ts';
import type { PolicyState } from '../../../shared/policy/state.ts';

export type Asks = PolicyState['accounts'][number]['asks'];

const askOf = (config: AccountConfig | null, side: Side): Asks[Side] => {
  const auth = config?.[side]?.imap.auth;
  if (auth === undefined) return null;
  return auth.type === 'oauth2' ? 'sign-in' : 'password';
};

/** What a person has to give for each side of an account that IT has prepared. */
export const asksOf = (config: AccountConfig | null): Asks => ({ primary: askOf(config, 'primary'), relay: askOf(config, 'relay') });

/** What the person gave, in the shape of an enrolment. @throws MailError secret-missing */
export function preparedSecrets(config: AccountConfig, given: ParsedArgs<'policy.enrol'>[0]): GivenSecrets {
  const asks = asksOf(config);
  const passwords = { primary: given.password, relay: given.relayPassword ?? given.password };
  const of = (side: Side): { imap: GivenSecret } => {
    const [id, password] = [given.signIns[side], passwords[side]];
    if (asks[side] === 'sign-in' && id !== null) return { imap: { type: 'signed-in', id } };
    if (asks[side] === 'password' && password !== null) return { imap: { type: 'password', password } };
    throw new MailError('secret-missing', { scope: 'account', retry: 'ask', side });
  };
  return { primary: of('primary'), relay: config.relay === null ? null : of('relay') };
}
