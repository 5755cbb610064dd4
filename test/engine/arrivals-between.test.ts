import { expect, it, type TestContext } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { allCapabilities, startImapScript, without, type ImapScript } from '../support/imap-script.ts';
import { until } from '../support/until.ts';

/** Longer than this test: nobody finds the mail by looking at everything now and then. */
const NO_POLL = 3_600;
const SHOWN_MS = 3_000;
/** Longer than news are given to settle. */
const QUIET_MS = 200;
const MAILBOXES = ['INBOX', 'Other'];

const mail = (name: string): string =>
  `From: a@example.com\r\nSubject: ${name}\r\nMessage-ID: <${name.replace(' ', '.')}@example.com>\r\nDate: ${new Date().toUTCString()}\r\n\r\nText of ${name}.\r\n`;

const withNotify = [...allCapabilities, 'NOTIFY'];
const SERVERS: Readonly<Record<string, { readonly capabilities: readonly string[]; readonly watched: readonly string[] }>> = {
  'with NOTIFY': { capabilities: withNotify, watched: MAILBOXES },
  'with NOTIFY, without counters of changes': {
    capabilities: withNotify.filter((name) => name !== 'CONDSTORE' && name !== 'QRESYNC'),
    watched: MAILBOXES,
  },
  'with IDLE alone': { capabilities: allCapabilities, watched: ['INBOX'] },
  'with IDLE alone, without counters of changes': { capabilities: without('CONDSTORE', 'QRESYNC'), watched: ['INBOX'] },
};

interface Watched {
  readonly server: ImapScript;
  readonly rig: EngineRig;
  /** Called before the server carries out a command. */
  onCommand: () => void;
}

async function watched(capabilities: readonly string[], { onTestFinished }: TestContext): Promise<Watched> {
  const self: { onCommand: () => void } = { onCommand: () => undefined };
  const server = await startImapScript({
    capabilities,
    onCommand: ({ name }) => {
      // The end of an IDLE is no command; its begin is one.
      if (name !== 'LOGOUT') self.onCommand();
      return 'pass';
    },
  });
  onTestFinished(() => server.close());
  server.store.create('Other');
  for (const path of MAILBOXES) server.store.get(path).add({ raw: mail(`old ${path}`) });
  const login = { port: server.port, user: 'alice', password: 'pw-alice' };
  const rig = await EngineRig.open({ primary: login, config: { pollSeconds: NO_POLL } });
  onTestFinished(() => rig.close());
  rig.engine.start();
  await isQuiet(server, rig);
  return Object.assign(self, { server, rig });
}

/** Waits until the engine has nothing to do but to wait for news. */
async function isQuiet(server: ImapScript, rig: EngineRig): Promise<void> {
  let since = performance.now();
  let seen = -1;
  await until('the engine waits', () => {
    const isIdle = rig.engine.syncStates()[0]?.phase === 'watching' && server.commands.at(-1)?.name === 'IDLE';
    if (!isIdle || server.commands.length !== seen) since = performance.now();
    seen = server.commands.length;
    return performance.now() - since > QUIET_MS;
  });
}

const isShown = (rig: EngineRig, path: string, subject: string): boolean =>
  rig.rows(path).some((row) => row.subject === subject && row.bodyState === 'complete');

it.for(Object.entries(SERVERS))(
  'mail that comes while other mail is fetched is shown without a look at everything, whatever command it comes before: %s',
  { concurrent: true, timeout: 240_000 },
  async ([, { capabilities, watched: paths }], context) => {
    const work = await watched(capabilities, context);
    const { server, rig } = work;
    const late: string[] = [];
    for (const first of paths) {
      for (const second of paths) {
        for (let at = 1, wasReached = true; wasReached; at += 1) {
          const [one, two] = [`first ${first}-${second}-${at}`, `second ${first}-${second}-${at}`];
          let commands = 0;
          wasReached = false;
          work.onCommand = () => {
            commands += 1;
            if (commands !== at) return;
            wasReached = true;
            server.store.get(second).add({ raw: mail(two) });
          };
          server.store.get(first).add({ raw: mail(one) });
          await until(one, () => isShown(rig, first, one), SHOWN_MS).catch(() => void late.push(one));
          await isQuiet(server, rig);
          work.onCommand = () => undefined;
          if (wasReached) await until(two, () => isShown(rig, second, two), SHOWN_MS).catch(() => void late.push(two));
          if (late.length > 3) break;
        }
      }
    }
    expect(late).toEqual([]);
  },
);

it('what it has taken in already is not looked at again', async (context) => {
  const { server, rig } = await watched(withNotify, context);
  const before = server.commands.length;
  server.store.get('INBOX').add({ raw: mail('single') });
  await until('single', () => isShown(rig, 'INBOX', 'single'));
  await isQuiet(server, rig);
  const names = server.commands.slice(before).map(({ name }) => name);
  expect(names.filter((name) => name === 'STATUS')).toHaveLength(1);
  expect(names.filter((name) => name === 'IDLE')).toHaveLength(1);
});
