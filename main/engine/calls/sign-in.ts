import { MailError } from '../../../shared/errors.ts';
import type { signInCalls } from '../../../shared/ipc/calls/sign-in.ts';
import type { Account, AccountConfig, AccountSecrets, OAuth2, Secret, Service, Side } from '../../../shared/model/account.ts';
import type { GivenSecrets, GivenSide } from '../../../shared/model/sign-in.ts';
import type { ConnectionStep } from '../../../shared/model/sync.ts';
import type { ContinuityEngine } from '../engine.ts';
import type { HandlersOf } from './handlers-of.ts';

/** How a side of an account is signed in to, and whose sign-in it has to be. @throws MailError config-invalid */
export function signInOf(config: AccountConfig, side: Side): { auth: OAuth2; caFile: string | undefined; names: string[] } {
  const endpoint = config[side]?.imap;
  if (endpoint?.auth.type === 'oauth2' && endpoint.auth.provider !== undefined)
    return { auth: endpoint.auth, caFile: endpoint.caFile, names: [endpoint.user, config.email] };
  throw new MailError('config-invalid', { scope: 'account', retry: 'never', side, detail: 'no provider to sign in with' });
}

/** Loaded when somebody signs in. */
export const signInHandlers: HandlersOf<typeof signInCalls> = {
  'signIn.begin': async (engine, { of, side, ...way }) => {
    const config = 'config' in of ? of.config : engine.store.accounts.get(of.accountId).config;
    const request = { ...way, ...signInOf(config, side) };
    const signIns = await engine.signIns();
    if ('config' in of) return signIns.begin(request);
    return signIns.begin({ ...request, keep: (secret) => engine.signedIn(of.accountId, side, secret) });
  },
  'signIn.wait': async (engine, { id }) => (await engine.signIns()).wait(id),
  'signIn.cancel': async (engine, { id }) => {
    (await engine.signIns()).cancel(id);
    return null;
  },
  'signIn.password': async (engine, { accountId, side, password }) => {
    const { config } = engine.store.accounts.get(accountId);
    const { provePassword } = await import('../enrol/connection-test.ts');
    await provePassword(engine.deps, config, side, password);
    await engine.signedIn(accountId, side, { type: 'password', password });
    return null;
  },
};

type Resolve = (given: GivenSide['imap']) => Secret;

const sideOf = ({ imap, smtp }: GivenSide, resolve: Resolve) => ({ imap: resolve(imap), ...(smtp ? { smtp: resolve(smtp) } : {}) });

async function resolveSecrets(engine: ContinuityEngine, { primary, relay }: GivenSecrets): Promise<AccountSecrets> {
  const hasSignIn = [primary, relay].some((side) => [side?.imap, side?.smtp].some((one) => one?.type === 'signed-in'));
  const signIns = hasSignIn ? await engine.signIns() : null;
  const resolve: Resolve = (given) => {
    if (given.type !== 'signed-in') return given;
    // Where there is one it was loaded above.
    return signIns!.secretOf(given.id);
  };
  return { primary: sideOf(primary, resolve), relay: relay && sideOf(relay, resolve) };
}

const idsOf = ({ primary, relay }: GivenSecrets): string[] =>
  [primary.imap, primary.smtp, relay?.imap, relay?.smtp].flatMap((one) => (one?.type === 'signed-in' ? [one.id] : []));

/** Enrols with what was typed in, and with the tokens of who signed in. @throws MailError not-found, and those of enrol() */
export async function enrolGiven(engine: ContinuityEngine, config: AccountConfig, given: GivenSecrets | null): Promise<Account> {
  if (given === null) return engine.enrol(config, null);
  const account = await engine.enrol(config, await resolveSecrets(engine, given));
  const ids = idsOf(given);
  if (ids.length > 0) {
    const signIns = await engine.signIns();
    for (const id of ids) signIns.taken(id);
  }
  return account;
}

/** As testConnections(); a token that is renewed meanwhile is the one that is enrolled later. */
export async function testGiven(engine: ContinuityEngine, config: AccountConfig, given: GivenSecrets): Promise<ConnectionStep[]> {
  const { testConnections } = await import('../enrol/connection-test.ts');
  const secrets = await resolveSecrets(engine, given);
  const onRenewed = async (side: Side, service: Service, secret: Secret): Promise<void> => {
    const one = given[side]?.[service];
    if (one?.type === 'signed-in' && secret.type === 'oauth2') (await engine.signIns()).renewed(one.id, secret);
  };
  return testConnections(engine.deps, config, secrets, onRenewed);
}
