import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownFieldsSchema, templateFields, type AccountTemplateFields, type OwnFields } from '../../shared/model/account-template.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { until } from '../support/until.ts';

const MAIL = 'From: b@example.com\r\nTo: a@example.com\r\nSubject: kept\r\nMessage-ID: <kept@example.com>\r\n\r\nhello\r\n';
let servers: Dovecot[];
let rig: EngineRig;

beforeEach(async () => {
  servers = await Promise.all([startDovecot({ users: ['alice'] }), startDovecot({ users: ['alice'] })]);
  const [old] = servers;
  await seedMailbox(old!, 'alice', 'INBOX', [{ raw: Buffer.from(MAIL) }]);
  rig = await EngineRig.open({ primary: { port: old!.imapPort, user: 'alice', password: old!.user('alice').password } });
});
afterEach(async () => {
  await rig.close();
  await Promise.all(servers.map((one) => one.dispose()));
});

const config = () => rig.engine.store.accounts.get(rig.accountId).config;
const states = () => rig.engine.syncStates();
const follow = (change: Partial<AccountTemplateFields>) =>
  rig.engine.followTemplate(config().email.toUpperCase(), { ...templateFields(config()), ...change });

describe('an account whose template changed', () => {
  it('moves to another port and gets a relay at once, with its mail, its id and its password', async () => {
    rig.engine.start();
    await until('first mirror', () => states().some(({ completeSince }) => completeSince !== null));
    const [first] = rig.rows('INBOX');
    const { imap } = config().primary;
    const [old, other] = servers;

    await follow({ relay: { imap: { ...imap, port: other!.imapPort }, smtp: null }, pollSeconds: 33 });
    expect(config()).toMatchObject({ pollSeconds: 33, relay: { imap: { port: other!.imapPort } } });
    await until('relay connected', () => states().some(({ side, isConnected }) => side === 'relay' && isConnected));
    expect(rig.engine.features.monitor.state(rig.accountId).endpoints.map(({ endpoint }) => endpoint.side)).toContain('relay');

    // Another way to the same server: nothing is fetched anew, and nothing is shown twice.
    await follow({ primary: { imap: { ...imap, host: 'localhost' }, smtp: null } });
    await until('primary connected', () => states().some(({ side, isConnected }) => side === 'primary' && isConnected));
    expect(old!.isRunning).toBe(true);
    expect(rig.rows('INBOX').map(({ id }) => id)).toEqual([first!.id]);
    expect(rig.engine.store.accounts.list().map(({ id }) => id)).toEqual([rig.accountId]);
    const entries = [...rig.engine.store.audit.all()].filter(({ kind }) => kind === 'policy-changed');
    expect(JSON.stringify(entries)).toContain('localhost');

    await follow({ relay: null });
    expect(states().map(({ side }) => side)).toEqual(['primary']);
  });

  it('is left alone by one that says the same, and by a name that the directory does not know', async () => {
    const before = config();
    const journalled = () => [...rig.engine.store.audit.all()].length;
    const count = journalled();
    await follow({ displayName: '' });
    expect(config()).toEqual(before);
    expect(journalled()).toBe(count);
    await expect(rig.engine.followTemplate('nobody@example.com', templateFields(before))).rejects.toMatchObject({
      code: 'account-missing',
    });
  });
});

describe('an account whose enrolment file changed', () => {
  const base = ownFieldsSchema.parse({});
  const given = (change: Partial<OwnFields> = {}): OwnFields => ({ ...base, ...change });
  const days = (incomingDays: number) => ({ incomingDays, outgoingDays: 14, quarantinedDays: 14 });
  const take = (own: OwnFields, managed = {}) => rig.engine.setPolicy(config().email, managed, own);

  it('takes what is another in it, and leaves what its person has set since then', () => {
    // Of an account that was there before any file: what the file only says because it has to say something is nobody's wish.
    rig.engine.setRetention(rig.accountId, days(20));
    take(given());
    expect(config().retention).toEqual(days(20));
    take(given({ retention: days(30) }));
    expect(config().retention).toEqual(days(30));

    rig.engine.setRetention(rig.accountId, { ...days(45), outgoingDays: 60 });
    rig.engine.configureContinuity(rig.accountId, { ...config().continuity, undoSendSeconds: 3 }, 'Alice');
    take(given({ retention: days(30) }));
    expect(config()).toMatchObject({ retention: { incomingDays: 45, outgoingDays: 60 }, signature: 'Alice' });
    take(given({ retention: days(7), continuity: { ...base.continuity, failover: 'ask' } }));
    expect(config()).toMatchObject({
      retention: { incomingDays: 7, outgoingDays: 60 },
      continuity: { failover: 'ask', undoSendSeconds: 3 },
      signature: 'Alice',
    });
    // What IT holds goes before both.
    take(given({ retention: days(8) }), { incomingDays: 5 });
    expect(config().retention.incomingDays).toBe(5);
  });

  it('takes the secret that it brings for a relay that is new, and none for a side that has one', async () => {
    const { imap } = config().primary;
    const secretOf = async (side: 'primary' | 'relay') => rig.engine.deps.secrets.get(rig.accountId, side, 'imap');
    const primary = await secretOf('primary');
    const of = (password: string) => ({ imap: { type: 'password' as const, password } });
    const template = { ...templateFields(config()), relay: { imap, smtp: null } };
    await rig.engine.followTemplate(config().email, template, { primary: of('other'), relay: of('of the relay') });
    expect(await secretOf('primary')).toEqual(primary);
    expect(await secretOf('relay')).toEqual(of('of the relay').imap);
  });

  it('is forgotten with the account', async () => {
    take(given({ retention: days(30) }));
    const kept = () => rig.engine.store.handle.db.prepare("SELECT count(*) FROM meta WHERE key LIKE 'enrolment.%'").pluck().get();
    expect(kept()).toBe(1);
    await rig.engine.removeAccount(rig.accountId);
    expect(kept()).toBe(0);
  });
});
