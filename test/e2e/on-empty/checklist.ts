import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRefusedSwitches } from '../../../main/app/command-line.ts';
import { canonicalExternalUrl } from '../../../main/app/external-url.ts';
import { reportFigure } from '../../support/figures.ts';
import { emptyApp } from '../support/empty-app.ts';
import type { RunningApp } from '../support/start-app.ts';

const root = path.join(import.meta.dirname, '../../..');
const dist = process.env['HOLDOVER_TEST_DIST'] ?? path.join(root, 'dist');

let app: RunningApp;
let preferences: Record<string, unknown>;
let policy: string;
let passed = 0;

/** The items of Electron's security checklist, each with what must hold here. */
const CHECKLIST: [string, () => unknown][] = [
  ['1 only secure content is loaded', () => expect(app.window.url()).toMatch(/^app:\/\/holdover\//)],
  [
    '2 no Node for remote content',
    () =>
      expect([
        preferences['nodeIntegration'],
        preferences['nodeIntegrationInSubFrames'],
        Boolean(preferences['nodeIntegrationInWorker']),
      ]).toEqual([false, false, false]),
  ],
  ['3 context isolation', () => expect(preferences['contextIsolation']).toBe(true)],
  ['4 process sandboxing', () => expect(preferences['sandbox']).toBe(true)],
  ['5 permission requests are handled', async () => expect(await app.window.evaluate('Notification.requestPermission()')).toBe('denied')],
  ['6 webSecurity', () => expect(preferences['webSecurity']).toBe(true)],
  ['7 content security policy', () => expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)],
  ['8 no insecure content', () => expect(preferences['allowRunningInsecureContent']).toBe(false)],
  ['9 no experimental features', () => expect(preferences['experimentalFeatures']).toBe(false)],
  ['10 no enableBlinkFeatures', () => expect(preferences['enableBlinkFeatures'] ?? '').toBe('')],
  ['11 no allowpopups: there is no webview', () => expect(preferences['webviewTag']).toBe(false)],
  [
    '12 webviews are never attached',
    async () => {
      await app.window.evaluate("document.body.append(Object.assign(document.createElement('webview'), { src: 'https://example.org' }))");
      const kinds = await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents().map((contents) => contents.getType()));
      expect(kinds).toEqual(['window']);
    },
  ],
  [
    '13 navigation is denied',
    async () => {
      await app.window.evaluate("location.href = 'https://example.org/'");
      await app.window.waitForTimeout(100);
      expect(app.window.url()).toMatch(/^app:\/\/holdover\//);
    },
  ],
  ['14 new windows are denied', async () => expect(await app.window.evaluate("window.open('https://example.org/') === null")).toBe(true)],
  [
    '15 openExternal takes no untrusted content',
    () => {
      expect(canonicalExternalUrl('file:///etc/passwd')).toBeNull();
      expect(
        sources('main')
          .filter(([, text]) => text.includes('shell.openExternal'))
          .map(([file]) => file),
      ).toEqual(['main/app/open-external.ts']);
    },
  ],
  [
    '16 a current Electron is declared',
    () => {
      const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
        devDependencies: Record<string, string>;
      };
      expect(Number(devDependencies['electron']?.split('.')[0])).toBeGreaterThanOrEqual(45);
    },
  ],
  [
    '17 senders of all calls are checked',
    () => {
      const handling = sources('main').filter(([, text]) => /ipcMain\.(handle|on|once)/.test(text));
      expect(handling.map(([file]) => file)).toEqual(['main/app/ipc/register.ts']);
      expect(handling[0]?.[1]).toContain('isTrustedSender(');
    },
  ],
  [
    '18 an own scheme, not file:',
    () => {
      const used = [...sources('main'), ...sources('preload'), ...sources('renderer')].filter(([, text]) =>
        /loadFile\(|['"`]file:\/\//.test(text),
      );
      expect(used.map(([file]) => file)).toEqual([]);
    },
  ],
  [
    '19 what the fuses would allow is refused on the command line as well',
    () => expect(findRefusedSwitches(['--inspect', '--remote-debugging-port=1', '--js-flags=x'], 'linux')).toHaveLength(3),
  ],
  [
    '20 no Electron API is exposed',
    async () => {
      const preload = readFileSync(path.join(dist, 'preload/index.cjs'), 'utf8');
      expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1);
      expect(await app.window.evaluate('typeof require + typeof process + typeof ipcRenderer')).toBe('undefinedundefinedundefined');
    },
  ],
];

function sources(folder: string): [string, string][] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => [path.join(folder, name), readFileSync(path.join(root, folder, name), 'utf8')]);
}

describe("Electron's security checklist", () => {
  beforeAll(async () => {
    app = await emptyApp();
    preferences = await app.electron.evaluate(({ webContents }) => {
      const [contents] = webContents.getAllWebContents();
      const all = (contents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences();
      return JSON.parse(JSON.stringify(all)) as Record<string, unknown>;
    });
    policy = (await app.window.reload())?.headers()['content-security-policy'] ?? '';
  });
  afterAll(() => reportFigure('E1 Electron security checklist', { items: 20, passed }));

  it.each(CHECKLIST)('%s', async (_item, check) => {
    await check();
    passed += 1;
  });

  it('has twenty items', () => expect(CHECKLIST).toHaveLength(20));
});
