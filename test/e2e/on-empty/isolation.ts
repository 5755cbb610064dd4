import { readFileSync, rmSync } from 'node:fs';
import type { Frame } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bridgeCallNames } from '../../../shared/ipc/bridge.ts';
import { emptyApp } from '../support/empty-app.ts';
import { startApp, type RunningApp } from '../support/start-app.ts';

/** The whole surface that a page of ours can reach beyond the web platform, written out: a change here is a decision. */
const SURFACE = {
  calls: [
    'accounts.enrol',
    'accounts.enrolFromFile',
    'accounts.list',
    'accounts.losses',
    'accounts.remove',
    'accounts.setRetention',
    'actions.dismiss',
    'actions.failed',
    'actions.open',
    'actions.undo',
    'alerts.dismiss',
    'alerts.list',
    'app.info',
    'app.openExternal',
    'app.print',
    'app.update',
    'attachments.dangers',
    'attachments.preview',
    'attachments.save',
    'compose.start',
    'contacts.complete',
    'continuity.configure',
    'continuity.control',
    'continuity.failover',
    'continuity.history',
    'continuity.probe',
    'continuity.state',
    'desktop.openMailto',
    'desktop.request',
    'desktop.startAtLogin',
    'desktop.state',
    'drafts.addFile',
    'drafts.discard',
    'drafts.file',
    'drafts.get',
    'drafts.list',
    'drafts.removeFile',
    'drafts.save',
    'drafts.send',
    'drill.cancel',
    'drill.list',
    'drill.start',
    'engine.state',
    'enrol.discover',
    'enrol.test',
    'mailboxes.list',
    'messages.archive',
    'messages.conversation',
    'messages.delete',
    'messages.list',
    'messages.move',
    'messages.open',
    'messages.openInner',
    'messages.remoteImages',
    'messages.restore',
    'messages.saveAs',
    'messages.sender',
    'messages.setFlag',
    'messages.settleLost',
    'messages.source',
    'outbox.cancel',
    'outbox.dismiss',
    'outbox.edit',
    'outbox.list',
    'outbox.lookUp',
    'outbox.markSent',
    'outbox.resend',
    'outbox.sendNow',
    'overview.get',
    'policy.enrol',
    'policy.signIn',
    'policy.state',
    'reconcile.acknowledge',
    'reconcile.approve',
    'reconcile.items',
    'reconcile.list',
    'reconcile.removeDouble',
    'reconcile.report',
    'reports.save',
    'search.query',
    'settings.get',
    'settings.set',
    'signIn.begin',
    'signIn.cancel',
    'signIn.password',
    'signIn.wait',
    'spelling.check',
    'spelling.ownWords',
    'spelling.setOwnWord',
    'spelling.suggest',
    'store.choosePassphrase',
    'store.recover',
    'store.retry',
    'store.setAside',
    'store.showRecoveryKey',
    'store.unlock',
    'store.unsent',
    'sync.now',
    'sync.state',
  ],
  on: 'function',
};

type Bridge = { calls: Record<string, (...args: unknown[]) => Promise<unknown>>; on: (name: string, listener: unknown) => () => void };

let app: RunningApp;
beforeAll(async () => void (app = await emptyApp()));

describe('the bridge', () => {
  it('has exactly the surface that is written down here', async () => {
    const surface = await app.window.evaluate(() => {
      const { continuity } = globalThis as unknown as { continuity: Bridge };
      return { keys: Object.keys(continuity).sort(), calls: Object.keys(continuity.calls).sort(), on: typeof continuity.on };
    });
    expect(surface).toEqual({ keys: ['calls', 'on'], ...SURFACE });
    expect([...bridgeCallNames].sort()).toEqual(SURFACE.calls);
  });

  it('cannot be changed by the page', async () => {
    const kept = await app.window.evaluate(() => {
      const page = globalThis as unknown as { continuity: Bridge };
      const before = page.continuity.calls['app.info'];
      try {
        page.continuity = { calls: {}, on: () => () => undefined };
      } catch {
        // A frozen global may also throw.
      }
      try {
        page.continuity.calls['app.info'] = () => Promise.resolve('forged');
      } catch {
        // The same for what it holds.
      }
      return page.continuity.calls['app.info'] === before;
    });
    expect(kept).toBe(true);
  });

  it('knows its events and no others', async () => {
    const outcome = await app.window.evaluate(() => {
      const { continuity } = globalThis as unknown as { continuity: Bridge };
      const off = continuity.on('sync.state', () => undefined);
      const failed = ['nope', '__proto__', 'holdover:call'].map((name) => {
        try {
          continuity.on(name, () => undefined);
          return 'accepted';
        } catch {
          return 'refused';
        }
      });
      return { off: typeof off, failed };
    });
    expect(outcome).toEqual({ off: 'function', failed: ['refused', 'refused', 'refused'] });
  });

  it('leaks nothing of Electron or Node into the page', async () => {
    const kinds = await app.window.evaluate(() => {
      const page = globalThis as unknown as Record<string, unknown>;
      return ['require', 'process', 'electron', 'module', 'Buffer', 'global', 'ipcRenderer', '__dirname', 'setImmediate'].filter(
        (name) => page[name] !== undefined,
      );
    });
    expect(kinds).toEqual([]);
    const reached = await app.window.evaluate(() => {
      const { continuity } = globalThis as unknown as { continuity: Bridge };
      const call = continuity.calls['app.info'] as unknown as { constructor: (code: string) => () => unknown };
      try {
        return String(call.constructor('return typeof process + typeof require')());
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(['EvalError', 'undefinedundefined']).toContain(reached);
  });
});

describe('every web contents and frame', () => {
  it('is sandboxed and isolated', async () => {
    const preferences = await app.electron.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((contents) => {
        const all = (contents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences();
        const names = [
          'sandbox',
          'contextIsolation',
          'nodeIntegration',
          'nodeIntegrationInWorker',
          'nodeIntegrationInSubFrames',
          'webSecurity',
          'webviewTag',
          'allowRunningInsecureContent',
          'experimentalFeatures',
          'plugins',
          'navigateOnDragDrop',
          'spellcheck',
          'enableBlinkFeatures',
        ];
        return Object.fromEntries(names.map((name) => [name, Boolean(all[name])]));
      }),
    );
    expect(preferences).toHaveLength(1);
    const { sandbox, contextIsolation, webSecurity, ...others } = preferences[0] ?? {};
    expect({ sandbox, contextIsolation, webSecurity }).toEqual({ sandbox: true, contextIsolation: true, webSecurity: true });
    expect(Object.entries(others).filter(([, isOn]) => isOn)).toEqual([]);
  });

  it('is ended with its app where it is less shut in, in each of these tests (E4)', async () => {
    const other = await startApp();
    const ended = new Promise<number | null>((resolve) => other.electron.process().once('exit', resolve));
    await other.electron
      .evaluate(({ BrowserWindow }) => void new BrowserWindow({ show: false, webPreferences: { sandbox: false } }))
      .catch(() => undefined); // it may end before it answers
    expect(await ended).toBe(97);
    rmSync(other.profile, { recursive: true, force: true });
  });

  it('a frame within the page has neither bridge nor Node', async () => {
    await app.window.evaluate(() => {
      const page = globalThis as unknown as {
        document: {
          createElement(tag: string): { setAttribute(name: string, value: string): void };
          body: { append(node: unknown): void };
        };
      };
      const frame = page.document.createElement('iframe');
      frame.setAttribute('name', 'child');
      page.document.body.append(frame);
    });
    const child = app.window.frame('child') as Frame;
    const found = await child.evaluate(() => {
      const page = globalThis as unknown as Record<string, unknown>;
      return ['continuity', 'require', 'process', 'electron', 'ipcRenderer'].filter((name) => page[name] !== undefined);
    });
    expect(found).toEqual([]);
  });
});

describe('documents of the app', () => {
  it('carry the policy, and the browser enforces it', async () => {
    const response = await app.window.reload();
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    const outcome = await app.window.evaluate(() => {
      const page = globalThis as unknown as {
        setTimeout(work: () => void): void;
        eval(code: string): unknown;
        Function: new (code: string) => () => unknown;
        document: { body: { innerHTML: string }; createElement(tag: string): { src: string } };
        trustedTypes: { createPolicy(name: string, rules: object): unknown };
      };
      const attempt = (work: () => unknown) => {
        try {
          work();
          return 'allowed';
        } catch {
          return 'refused';
        }
      };
      const attempts = () => ({
        eval: attempt(() => page.eval('1')),
        function: attempt(() => new page.Function('return 1')()),
        html: attempt(() => (page.document.body.innerHTML = '<img>')),
        script: attempt(() => (page.document.createElement('script').src = 'data:,x')),
        policy: attempt(() => page.trustedTypes.createPolicy('attacker', { createHTML: (text: string) => text })),
        defaultPolicy: attempt(() => page.trustedTypes.createPolicy('default', { createHTML: (text: string) => text })),
      });
      // Later, because the debugger that runs this lets itself evaluate.
      return new Promise<ReturnType<typeof attempts>>((resolve) => page.setTimeout(() => resolve(attempts())));
    });
    expect(outcome).toEqual({
      eval: 'refused',
      function: 'refused',
      html: 'refused',
      script: 'refused',
      policy: 'refused',
      defaultPolicy: 'refused',
    });
  });

  it('are all that the scheme gives out', async () => {
    const tricks = [
      '/../package.json',
      '/%2e%2e/main/index.js',
      '/..%2fmain%2findex.js',
      '//etc/passwd',
      '/%5c..%5cmain%5cindex.js',
      '/index.html%00',
      '/.',
      '/../preload/index.cjs',
      '/%252e%252e/main/index.js',
      '/assets/../../main/index.js',
    ];
    const sizes = await app.electron.evaluate(async ({ webContents, net }, paths) => {
      const own = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith('app://'));
      if (!own) throw new Error('no window');
      void net;
      return Promise.all(
        paths.map(async (trick) => {
          const response = await own.session.fetch(`app://holdover${trick}`, { bypassCustomProtocolHandlers: false }).catch(() => null);
          if (!response || response.status === 404) return 0;
          return new URL(`app://holdover${trick}`).pathname === '/' ? 0 : (await response.arrayBuffer()).byteLength;
        }),
      );
    }, tricks);
    expect(sizes).toEqual(tricks.map(() => 0));
  });
});

describe('secrets', () => {
  it('are in no command line and no environment of the app and its children', async () => {
    const pids = await app.electron.evaluate(({ app: electronApp }) => electronApp.getAppMetrics().map(({ pid }) => pid));
    expect(pids.length).toBeGreaterThan(2);
    const key = await app.electron.evaluate(() => Buffer.alloc(32, 7).toString('hex'));
    for (const pid of pids) {
      const text = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join('\n');
      expect(text.toLowerCase()).not.toContain(key);
      expect(text).not.toMatch(/storeKey|passphrase=|password=/i);
    }
  });

  it.runIf(process.platform === 'linux')('do not get into core dumps', async () => {
    const pids = await app.electron.evaluate(({ app: electronApp, webContents }) => [
      process.pid,
      ...electronApp
        .getAppMetrics()
        .filter(({ name }) => name === 'Holdover engine')
        .map(({ pid }) => pid),
      ...webContents.getAllWebContents().map((contents) => contents.getOSProcessId()),
    ]);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim(), String(pid)).toBe('00000000');
  });
});
