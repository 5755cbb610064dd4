import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerCall } from '../../main/engine/calls.ts';
import type { Account, Side } from '../../shared/model/account.ts';
import type { AccountId, OutboxId } from '../../shared/model/ids.ts';
import type { SignInState } from '../../shared/model/sign-in.ts';
import { oauth2Login } from '../support/dovecot-oauth2.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startMailPair, type MailPair } from '../support/mail-pair.ts';
import { startOidc, type Oidc } from '../support/oidc.ts';
import { canRunPostfix } from '../support/postfix.ts';
import { arrive, authAt } from '../support/sign-in-rig.ts';
import { until } from '../support/until.ts';

const USERS = ['alice', 'bob', 'carol'] as const;
const SIDES = ['primary', 'relay'] as const;
let oidc: Oidc;
let login: ReturnType<typeof oauth2Login>;
let pair: MailPair;
let rig: EngineRig;

const call = (name: Parameters<typeof answerCall>[1], args: object) => answerCall(rig.engine, name, [args]);

async function signIn(of: object, side: Side, account: string): Promise<SignInState> {
  const begun = (await call('signIn.begin', { of, side, flow: 'browser', language: 'en' })) as SignInState;
  await arrive(await oidc.browse(begun.url, { account }));
  return (await call('signIn.wait', { id: begun.id })) as SignInState;
}

/** Both sides ask for a sign-in, for mailboxes and for outgoing mail. */
function configOf(user: string, mechanism: 'XOAUTH2' | 'OAUTHBEARER') {
  const side = (of: Side) => {
    const at = { host: '127.0.0.1', security: 'plain', user, auth: authAt(oidc.issuer, { mechanism }) };
    const { dovecot, postfix } = pair[of];
    return { imap: { ...at, port: dovecot.imapPort }, smtp: { ...at, port: postfix.submissionPort } };
  };
  const continuity = { undoSendSeconds: 0, previewSeconds: 0, stableSeconds: 2 };
  return { email: `${user}@example.com`, primary: side('primary'), relay: side('relay'), pollSeconds: 10, continuity };
}

async function enrol(user: string, mechanism: 'XOAUTH2' | 'OAUTHBEARER'): Promise<AccountId> {
  const config = configOf(user, mechanism);
  const secrets: Partial<Record<Side, object>> = {};
  for (const side of SIDES) {
    const { id, phase } = await signIn({ config }, side, user);
    expect(phase).toBe('done');
    secrets[side] = { imap: { type: 'signed-in', id } };
  }
  const steps = (await call('enrol.test', { config, secrets })) as { side: Side; service: string; step: string; status: string }[];
  expect(steps.filter(({ status }) => status !== 'ok')).toEqual([]);
  for (const side of SIDES) expect(steps.some((one) => one.side === side && one.service === 'smtp' && one.step === 'login')).toBe(true);
  return ((await call('accounts.enrol', { config, secrets })) as Account).id;
}

async function send(accountId: AccountId, subject: string): Promise<OutboxId> {
  const { desk } = rig.engine.features.compose;
  const draft = await desk.start({ kind: 'new', accountId, mailto: null });
  const content = { ...draft.content, to: [{ name: '', address: 'carol@example.com' }], subject, text: `Text of ${subject}.` };
  return (await desk.send(draft.id, desk.save(draft.id, draft.version, content).version)).outboxId;
}

const stateOf = (id: OutboxId): string => rig.engine.features.outbox.item(id).state;
const isLeft = (id: OutboxId): boolean => ['accepted', 'filed'].includes(stateOf(id));
/** How often Postfix took a mail from this user, logged in by this mechanism. */
const takenBy = (side: Side, user: string, mechanism: string): number =>
  pair[side].postfix.log().split(`sasl_method=${mechanism}, sasl_username=${user}`).length - 1;
const received = async (subject: string): Promise<number> => {
  const text = await pair.primary.dovecot.doveadm(['-f', 'flow', 'fetch', '-u', 'carol', 'hdr.subject', 'mailbox', 'INBOX']);
  return text.split('\n').filter((line) => line === `hdr.subject=${subject}`).length;
};

// Postfix becomes its own users, which only root may do.
describe.runIf(canRunPostfix())('outgoing mail by sign-in, with a real provider, Postfix and the log-ins of Dovecot', () => {
  beforeAll(async () => {
    oidc = await startOidc({ emails: Object.fromEntries(USERS.map((user) => [user, `${user}@example.com`])) });
    login = oauth2Login(oidc.introspectionUrl);
    pair = await startMailPair({ users: USERS, dovecot: { extraConfig: login.extraConfig } });
    const of = (side: Side) => ({ port: pair[side].dovecot.imapPort, user: 'carol', password: 'pw-carol' });
    rig = await EngineRig.open({ primary: of('primary'), relay: of('relay') });
    rig.engine.start();
  });
  afterAll(async () => {
    await rig.close();
    await Promise.all([pair.dispose(), oidc.close()]);
    login.dispose();
  });

  it.each([
    ['XOAUTH2', 'alice'],
    ['OAUTHBEARER', 'bob'],
  ] as const)('goes to the mail server and, in continuity, to the relay: %s', async (mechanism, user) => {
    const id = await enrol(user, mechanism);
    const { monitor } = rig.engine.features;
    await until('both sides are watched', () =>
      rig.engine.syncStates().every((one) => one.accountId !== id || (one.phase === 'watching' && one.error === null)),
    );
    const first = await send(id, `${user} to the primary`);
    await until('the first mail has left', () => isLeft(first), 60_000);
    expect([takenBy('primary', user, mechanism), takenBy('relay', user, mechanism)]).toEqual([1, 0]);

    monitor.setControl(id, 'forced-continuity');
    const second = await send(id, `${user} to the relay`);
    await until('the second mail has left', () => isLeft(second), 60_000);
    expect([takenBy('primary', user, mechanism), takenBy('relay', user, mechanism)]).toEqual([1, 1]);
    monitor.setControl(id, 'automatic');
    for (const place of ['primary', 'relay'])
      await until(`mail by the ${place}`, async () => (await received(`${user} to the ${place}`)) === 1);
  });

  it('waits where the provider has withdrawn the sign-in, and leaves once as soon as somebody signs in again', async () => {
    const { id } = rig.engine.store.accounts.list().find(({ config }) => config.email === 'alice@example.com')!;
    // The token in hand is young: the mail server asks about it and refuses it, and no new one is to be had.
    oidc.revokeAll();
    const mail = await send(id, 'after the withdrawal');
    const refused = () => rig.engine.features.outbox.item(mail).error?.code;
    await until('the mail server refuses', () => ['sign-in-needed', 'auth-rejected'].includes(refused() ?? ''), 60_000);
    expect(isLeft(mail)).toBe(false);
    for (const side of SIDES) expect((await signIn({ accountId: id }, side, 'alice')).phase).toBe('done');
    await until('the mail has left', () => isLeft(mail), 90_000);
    await until('carol has it', async () => (await received('after the withdrawal')) === 1);
    expect(takenBy('primary', 'alice', 'XOAUTH2') + takenBy('relay', 'alice', 'XOAUTH2')).toBe(3);
  });
});
