import { expect, it, type TestContext } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { until } from '../support/until.ts';

const NO_POLL = 3_600;
const FIRST_FETCH_MS = 1_000;
const mail = (name: string): string =>
  `From: a@example.com\r\nSubject: ${name}\r\nMessage-ID: <${name.replaceAll(' ', '.')}@example.com>\r\nDate: ${new Date().toUTCString()}\r\n\r\nText of ${name}.\r\n`;

const isLogin = (name: string): boolean => name === 'LOGIN' || name === 'AUTHENTICATE';
const logins = (server: ImapScript): number => server.commands.filter(({ name }) => isLogin(name)).length;

interface Download {
  readonly server: ImapScript;
  readonly rig: EngineRig;
  /** How many bodies were here at each news of it. */
  readonly progress: number[];
  /** Bodies that were missing when the mail that came meanwhile was shown. */
  missingWhenShown(): number;
}

/** A mailbox of so many mails, and one more that comes while their texts are fetched. */
async function downloaded({ onTestFinished }: TestContext, mails: number, maxConnections = Infinity): Promise<Download> {
  let bodyFetches = 0;
  let missingWhenShown = -1;
  let rig: EngineRig | null = null;
  const missing = (): number => rig!.engine.store.placements.countMissing(rig!.accountId, 'primary', 2).missing;
  const isShown = (): boolean => bodyFetches > 0 && rig!.rows('INBOX').some((row) => row.subject === 'meanwhile');
  const server: ImapScript = await startImapScript({
    onCommand: ({ name, args }) => {
      if (isLogin(name) && logins(server) > maxConnections) return { no: '[LIMIT] Maximum number of connections exceeded' };
      if (name === 'UID FETCH' && args.includes('BODY.PEEK[]')) bodyFetches += 1;
      if (bodyFetches === 1 && server.store.get('INBOX').messages.length === mails) {
        server.store.get('INBOX').add({ raw: mail('meanwhile') });
        // Over another connection, all of them would be here in a moment.
        return { delayMs: FIRST_FETCH_MS };
      }
      return 'pass';
    },
  });
  onTestFinished(() => server.close());
  server.store.create('Other');
  for (let n = 0; n < mails; n += 1) {
    server.store.get('INBOX').add({ raw: mail(`mail ${n}`), internalDate: Date.now() - (mails - n) * 60_000 });
  }
  const progress: number[] = [];
  rig = await EngineRig.open({
    primary: { port: server.port, user: 'alice', password: 'pw-alice' },
    config: { pollSeconds: NO_POLL },
    step: () => {
      if (rig === null) return;
      progress.push(rig.engine.syncStates()[0]?.bodiesDone ?? 0);
      if (missingWhenShown < 0 && isShown()) missingWhenShown = missing();
    },
  });
  onTestFinished(() => rig!.close());
  rig.engine.start();
  const isDone = (): boolean => isShown() && missing() === 0 && rig!.engine.syncStates()[0]?.phase === 'watching';
  await until('everything is here', isDone, 60_000);
  return { server, rig, progress, missingWhenShown: () => missingWhenShown };
}

const isRising = (figures: readonly number[]): boolean => figures.every((figure, n) => n === 0 || figure >= figures[n - 1]!);

it('what gathers in an outage comes over the watching connection, with one log-in; mail that comes meanwhile waits for one portion', async (context) => {
  const { server, progress, missingWhenShown } = await downloaded(context, 400);
  expect(logins(server)).toBe(1);
  expect(missingWhenShown()).toBeGreaterThan(300);
  expect(isRising(progress)).toBe(true);
  expect(Math.max(...progress)).toBeGreaterThan(300);
});

it('more than that comes over a second connection', async (context) => {
  const { server, missingWhenShown } = await downloaded(context, 450);
  expect(logins(server)).toBe(2);
  expect(missingWhenShown()).toBeGreaterThan(400);
});

it('where the server takes no second connection, it comes over the first one, and mail that comes meanwhile waits for one portion', async (context) => {
  const { server, missingWhenShown } = await downloaded(context, 450, 1);
  expect(logins(server)).toBe(2);
  expect(missingWhenShown()).toBeGreaterThan(300);
});
