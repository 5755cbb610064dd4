import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { viewMailboxes } from '../../main/engine/read/view-mailboxes.ts';
import { CompanyWorld, type Work, type WorkOptions } from '../support/company-world.ts';
import { startPostfix } from '../support/postfix.ts';
import { startSmtpCutter } from '../support/smtp-cutter.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;
const users = Array.from({ length: 10 }, (_, n) => `user${n}`);
let next = 0;
let company: CompanyWorld;
beforeAll(async () => {
  company = await CompanyWorld.start(users);
});
afterAll(() => company?.dispose());

async function working(run: (work: Work) => Promise<void>, options: WorkOptions = {}): Promise<void> {
  const work = await company.open(users[next++]!, options);
  try {
    await run(work);
  } finally {
    await work.close();
  }
}

const arrivedOutside = (subject: string): number =>
  company.outside.mails.filter(({ raw }) => raw.includes(`Subject: ${subject}\r\n`)).length;

/** The directory of the primary's log-ins. */
class UserFile {
  readonly #path = join(company.pair.primary.dovecot.root, 'users');
  readonly #text = readFileSync(this.#path, 'utf8');

  /** Nobody gets in any more. */
  unreadable(): void {
    rmSync(this.#path);
    mkdirSync(this.#path);
  }

  changePassword(user: string): void {
    const other = this.#text.replace(`${user}:{PLAIN}pw-${user}\n`, `${user}:{PLAIN}something-else\n`);
    if (other === this.#text) throw new Error(`${user} is not in the file`);
    writeFileSync(this.#path, other, { mode: 0o644 });
  }

  restore(): void {
    rmSync(this.#path, { recursive: true, force: true });
    writeFileSync(this.#path, this.#text, { mode: 0o644 });
  }
}

/** The log-in is refused, mail goes on: the person works by the relay, and all of it comes back. */
async function lockedOut(work: Work, lock: { close: () => void; open: () => void }): Promise<void> {
  const { user } = work;
  await company.arrive(user, 'vorher');
  await work.fromPrimary('vorher');
  lock.close();
  await until('the log-in is refused', () =>
    company.pair.primary.dovecot.connect(user).then(
      (client) => client.close().then(() => false),
      () => true,
    ),
  );
  work.imap.dropConnections('reset');
  await work.reaches('continuity');
  expect(work.state().cause).toBe('primary-login-refused');
  // The mail server itself is well, and what comes in is delivered there.
  await company.arrive(user, 'inzwischen');
  await work.shows('INBOX', 'inzwischen');
  work.engine.actions.move([work.entry('vorher')], work.mailbox('Projects'));
  work.engine.actions.setFlag([work.entry('inzwischen')], 'flagged', true);
  const sent = await work.send('kunde@partner.test', `von ${user}`);
  await work.leaves(sent, 'accepted');
  expect(work.item(sent).route).toBe('relay');
  await until('it is outside', () => arrivedOutside(`von ${user}`) === 1);
  lock.open();
  await until('the log-in works', () =>
    company.pair.primary.dovecot.connect(user).then(
      (client) => client.close().then(() => true),
      () => false,
    ),
  );
  // A refused log-in is tried again every five minutes: a wrong password that knocks often gets an account locked.
  work.clock.pass(6 * 60_000);
  await work.reaches('normal');
  const found = [await work.places('vorher'), await work.places('inzwischen'), await work.places(`von ${user}`)];
  expect(found).toEqual([['Projects'], ['INBOX \\Flagged'], ['Sent \\Seen']]);
  expect(work.run()).toMatchObject({ state: 'finished', balance: { sent: { confirmed: 1 }, change: { confirmed: 2 } } });
}

it('complaint 12: that it works is proved beforehand, with the real relay, and nothing is re-routed', () =>
  working(async (work) => {
    const { user } = work;
    await company.arrive(user, 'vorher');
    await work.fromPrimary('vorher');
    await until('all is here', () => viewMailboxes(work.engine.store).every((one) => one.isComplete));
    const { drills } = work.engine.features;
    drills.begin(work.id, 'self');
    await until('the drill works through the relay', () => work.state().mode === 'continuity');
    const own = await work.send('kunde@partner.test', 'mitten im Test');
    await work.leaves(own, 'accepted', 'filed');
    // Whether the server files the copy by itself is waited for.
    await work.reaches('normal');
    await until('the drill has ended', () => drills.list(work.id)[0]?.state !== 'running', 60_000);
    const [drill] = drills.list(work.id);
    expect(drill?.steps.map((one) => `${one.name} ${one.status}`)).toEqual(
      ['coverage', 'failover', 'relay-login', 'read', 'send', 'arrival', 'failback', 'reconcile'].map((name) => `${name} passed`),
    );
    expect(drill).toMatchObject({ state: 'finished', score: 100 });
    // Mail took its usual way all the while, out and in.
    expect(work.item(own).route).toBe('primary');
    await until('it is outside', () => arrivedOutside('mitten im Test') === 1);
    await company.arrive(user, 'nachher');
    await work.shows('INBOX', 'nachher');
    await until('delivered', async () => (await work.places('nachher')).join() === 'INBOX');
    expect(work.state().mode).toBe('normal');
  }));

it('complaint 15: the directory behind the log-in is down, and work goes on and comes back', () =>
  // Mail for people whom the directory does not know is turned away: the relay's copy is filed after this grace.
  working(
    async (work) => {
      const users = new UserFile();
      const words = 'NO [UNAVAILABLE] Temporary authentication failure.';
      let withdraw: (() => void)[] = [];
      await lockedOut(work, {
        close: () => {
          users.unreadable();
          withdraw = ['LOGIN', 'AUTHENTICATE'].map((command) => work.imap.refuse({ command, nth: 'every', reply: words }));
        },
        open: () => {
          users.restore();
          for (const one of withdraw) one();
        },
      }).finally(() => users.restore());
    },
    { continuity: { deliveryGraceSeconds: 30 } },
  ));

it('complaint 17: the log-in of one person is refused though the mail server is well, and work goes on and comes back', () =>
  working(async (work) => {
    const users = new UserFile();
    await lockedOut(work, { close: () => users.changePassword(work.user), open: () => users.restore() }).finally(() => users.restore());
  }));

it('complaint 20: it lasts as long as the outage, after 96 hours and after ten days, and still sends and receives', () =>
  working(async (work) => {
    const { user } = work;
    await company.pair.primary.down('KILL');
    await work.reaches('continuity');
    for (const [hours, name] of [
      [100, 'nach 100 h'],
      [140, 'nach 240 h'],
    ] as const) {
      work.clock.pass(hours * HOUR);
      const id = await work.send('kunde@partner.test', `gesendet ${name}`);
      await work.leaves(id, 'accepted');
      expect([work.item(id).route, work.state().mode]).toEqual(['relay', 'continuity']);
      await until('it is outside', () => arrivedOutside(`gesendet ${name}`) === 1);
      await company.arrive(user, `empfangen ${name}`);
      await work.shows('INBOX', `empfangen ${name}`);
    }
    await company.pair.primary.up();
    await company.pair.flush();
    await work.reaches('normal');
    for (const name of ['nach 100 h', 'nach 240 h']) {
      expect(await work.places(`gesendet ${name}`)).toEqual(['Sent \\Seen']);
      expect(await work.places(`empfangen ${name}`)).toEqual(['INBOX']);
    }
    expect(work.run().state).toBe('finished');
  }));

it('complaint 28: a notice that delivery is late is understood, shown with the mail, and not taken for a failure', () =>
  working(async (work) => {
    const colleague = users.at(-1)!;
    const name = `spaet von ${work.user}`;
    await company.pair.primary.down('KILL');
    await work.reaches('continuity');
    // Her mailbox is on the server that is gone: the relay keeps the mail, and soon writes to the sender that it is late.
    const id = await work.send(`${colleague}@example.com`, name);
    await work.leaves(id, 'accepted');
    const { queueId } = work.item(id).attempts.at(-1)!;
    // Of this mail: other mails of the same relay are late, too.
    await until('the relay has written its notice', () =>
      company.pair.relay.postfix.log().includes(`${queueId}: sender delay notification`),
    );
    await company.pair.primary.up();
    await company.pair.flush();
    await work.reaches('normal');
    await until('the notice is known', () => work.item(id).notices.length > 0, 40_000);
    const [notice] = work.item(id).notices;
    expect(notice).toMatchObject({ address: `${colleague}@example.com`, action: 'delayed' });
    expect(notice?.retryUntil).toBeGreaterThan(work.clock.now());
    expect(work.item(id)).toMatchObject({ state: 'filed', error: null, recipients: [{ state: 'accepted' }] });
    expect(work.item(id).attempts).toHaveLength(1);
    // It was no failure: she has it, once.
    const client = await company.pair.primary.dovecot.connect(colleague);
    await client.select('INBOX', { readOnly: true });
    expect(await client.uids(`HEADER Subject "${name}"`)).toHaveLength(1);
    await client.close();
  }));

it('complaint 32: a mail server that files its own copy in Sent keeps that one, and the relay adds none', async () => {
  const filing = await startPostfix({
    dovecot: company.pair.primary.dovecot,
    users,
    hostName: 'filing.test',
    keepsSentCopies: true,
    outsidePort: company.outside.port,
  });
  try {
    await working(
      async (work) => {
        const name = `normal von ${work.user}`;
        const id = await work.send('kunde@partner.test', name);
        await work.leaves(id, 'filed');
        expect(work.item(id)).toMatchObject({ route: 'primary', sentCopy: 'by-server' });
        expect(await work.places(name)).toHaveLength(1);
        // In an outage the relay keeps a copy of its own, too, and this server has none.
        work.engine.features.monitor.setControl(work.id, 'forced-continuity');
        const other = `ausfall von ${work.user}`;
        const second = await work.send('kunde@partner.test', other);
        await work.leaves(second, 'accepted');
        await until('the copy at the relay', async () => (await work.places(other, 'relay')).length === 1);
        work.engine.features.monitor.setControl(work.id, 'forced-normal');
        await work.leaves(second, 'filed');
        expect(work.item(second)).toMatchObject({ route: 'relay', sentCopy: 'filed' });
        await work.shows('Sent', other);
        work.engine.syncNow();
        await until('both are known', () => work.list('Sent').length >= 2);
        expect([await work.places(name), await work.places(other), work.list('Sent').sort()]).toEqual([
          [expect.stringMatching(/^Sent/u)],
          ['Sent \\Seen'],
          [other, name].sort(),
        ]);
      },
      { submissionPort: filing.submissionPort },
    );
  } finally {
    await filing.dispose();
  }
});

it('complaint 33: a mail that is refused leaves no copy in Sent, however often it is tried', () =>
  working(async (work) => {
    const name = `abgelehnt von ${work.user}`;
    const id = await work.send('niemand@example.com', name);
    await work.leaves(id, 'rejected');
    for (let n = 0; n < 3; n += 1) {
      work.engine.features.outbox.resend(id);
      await until('refused again', () => work.item(id).attempts.length === n + 2 && work.item(id).state === 'rejected');
    }
    expect(work.item(id).recipients[0]).toMatchObject({ state: 'rejected', enhancedCode: '5.1.1' });
    work.clock.pass(HOUR);
    work.engine.syncNow();
    expect(await work.places(name)).toEqual([]);
    expect(work.item(id).sentCopy).toBeNull();
  }));

it('complaint 34: a copy in Sent that the server refuses is filed later by itself, once', () =>
  working(async (work) => {
    const withdraw = work.imap.refuse({ command: 'APPEND', nth: 'every', reply: 'NO [UNAVAILABLE] not now' });
    const name = `ohne Kopie von ${work.user}`;
    work.engine.features.monitor.setControl(work.id, 'forced-continuity');
    const id = await work.send('kunde@partner.test', name);
    await work.leaves(id, 'accepted');
    work.engine.features.monitor.setControl(work.id, 'forced-normal');
    await until('it was refused', () => work.item(id).error !== null);
    expect(work.item(id)).toMatchObject({ state: 'accepted', sentCopy: 'waiting' });
    expect(await work.places(name)).toEqual([]);
    withdraw();
    await work.leaves(id, 'filed');
    expect(await work.places(name)).toEqual(['Sent \\Seen']);
    expect(arrivedOutside(name)).toBe(1);
  }));

it('complaint 35: a mail whose last reply is lost is looked for and not sent a second time', async () => {
  const cutter = await startSmtpCutter(company.pair.primary.postfix.submissionPort);
  try {
    await working(
      async (work) => {
        const name = `ungewiss von ${work.user}`;
        const id = await work.send(`${work.user}@example.com`, name);
        await until('the reply was cut off', () => cutter.cuts === 1);
        await work.leaves(id, 'accepted');
        // A copy of the server's own is waited for before ours is filed.
        work.clock.pass(3 * 60_000);
        await work.leaves(id, 'filed');
        expect(work.item(id).attempts).toHaveLength(1);
        expect(work.item(id).lookUps.some((one) => one.foundIn === 'INBOX')).toBe(true);
        expect(await work.places(name)).toEqual(['INBOX', 'Sent \\Seen']);
      },
      { submissionPort: cutter.port },
    );
  } finally {
    await cutter.close();
  }
});

it('complaint 41: what both sides changed is told in the report, and no hidden copies pile up', () =>
  working(async (work) => {
    const { user } = work;
    await company.arrive(user, 'beide', 'geloescht');
    // What the primary has is what a later change of both is judged by.
    for (const name of ['beide', 'geloescht']) await work.fromPrimary(name);
    const folders = async (): Promise<string[]> => {
      const client = await company.pair.primary.dovecot.connect(user);
      const paths = (await client.list()).map((one) => one.path).sort();
      await client.close();
      return paths;
    };
    const before = await folders();
    work.engine.features.monitor.setControl(work.id, 'forced-continuity');
    work.engine.actions.move([work.entry('beide')], work.mailbox('Projects'));
    work.engine.actions.delete([work.entry('geloescht')]);
    const client = await company.pair.primary.dovecot.connect(user);
    await client.select('INBOX');
    await client.move(await client.uids('HEADER Subject "beide"'), 'Archive');
    await client.store(await client.uids('HEADER Subject "geloescht"'), '+', ['\\Answered']);
    await client.close();
    work.engine.features.monitor.setControl(work.id, 'forced-normal');
    await until('it is finished', () => work.engine.features.reconciler.list()[0]?.state === 'finished', 40_000);
    expect(work.balance().filter((one) => one.startsWith('change '))).toEqual(['change exception beide', 'change exception geloescht']);
    const report = work.engine.features.reconciler.report(work.run().id, 'csv').text;
    for (const name of ['beide', 'geloescht']) expect(report.split('\r\n').find((line) => line.includes(name))).toContain('exception');
    expect(work.engine.actions.failed().map((one) => [one.subject, one.state])).toEqual([
      ['geloescht', 'conflict'],
      ['beide', 'conflict'],
    ]);
    expect([await work.places('beide'), await work.places('geloescht')]).toEqual([['Archive'], ['INBOX \\Answered']]);
    expect(await folders()).toEqual(before);
  }));
