import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { whyNoElectronDownload } from '../../scripts/lib/electron-download.mjs';
import { buildAll, outcomeOf } from '../../scripts/pack/build-all.mjs';
import { strayFiles, type Listed } from '../../scripts/pack/file-list.mjs';
import { layPolicy } from '../../scripts/pack/policy-file.mjs';

const job = (system: string, target: string, reason: string | null = null) => ({ system, target, arch: 'x64', reason });

describe('building every package', () => {
  const jobs = [job('linux', 'tar.gz'), job('linux', 'rpm'), job('win', 'msi'), job('mac', 'pkg')];

  it('goes on where one fails, and says which and why', async () => {
    const notes: string[] = [];
    const { made, failed } = await buildAll(
      jobs,
      async (run) => {
        if (run.some(({ target }) => target === 'rpm')) throw new Error('rpmbuild: no space left\nmore of it');
        return Promise.resolve(run.map(({ target }) => `/release/${target}`));
      },
      (line) => notes.push(line),
    );
    expect(made.map(({ file }) => file)).toEqual(['/release/tar.gz', '/release/msi', '/release/pkg']);
    expect([...failed.keys()]).toEqual([jobs[1]]);
    expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(/^failed: linux rpm x64: rpmbuild/u)]));
    const judged = [...jobs, job('win', 'nsis', 'needs NSIS')];
    expect(outcomeOf(judged, failed, () => '')).toEqual([
      'built: linux tar.gz x64',
      'not built: linux rpm x64: failed: rpmbuild: no space left',
      'built: win msi x64',
      'built: mac pkg x64',
      'not built: win nsis x64: needs NSIS',
    ]);
  });

  it('is one run for what shares a folder, where nothing fails', async () => {
    const runs: string[][] = [];
    const { failed } = await buildAll(
      jobs,
      (run) => {
        runs.push(run.map(({ target }) => target));
        return Promise.resolve([]);
      },
      () => undefined,
    );
    expect(runs).toEqual([['tar.gz', 'rpm'], ['msi'], ['pkg']]);
    expect(failed.size).toBe(0);
  });
});

describe("whether Electron's download can be reached", () => {
  const NAMES = ['GLOBAL_AGENT_HTTPS_PROXY', 'HTTPS_PROXY', 'https_proxy', 'npm_config_electron_mirror'];
  beforeEach(() => {
    for (const name of NAMES) vi.stubEnv(name, '');
    vi.stubEnv('ELECTRON_MIRROR', 'https://electron.invalid/');
  });
  afterEach(() => void vi.unstubAllEnvs());

  async function proxyThat(answer: string): Promise<string[]> {
    const asked: string[] = [];
    const server = http.createServer().on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      socket.end(`HTTP/1.1 ${answer}\r\n\r\n`);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    vi.stubEnv('HTTPS_PROXY', `http://anna:s%C3%A9cret@127.0.0.1:${(server.address() as AddressInfo).port}`);
    return asked;
  }

  it('is asked of the proxy, which may refuse that host', async () => {
    await proxyThat('403 Forbidden');
    expect(await whyNoElectronDownload()).toMatch(/^the proxy 127\.0\.0\.1:\d+ refuses electron\.invalid:443 \(403\)$/u);
  });

  it('is so where the proxy opens a way', async () => {
    const asked = await proxyThat('200 OK');
    expect(await whyNoElectronDownload()).toBeNull();
    expect(asked).toEqual([`electron.invalid:443 Basic ${Buffer.from('anna:sécret').toString('base64')}`]);
  });

  it('is not so where nobody is at the proxy, or no host of that name', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
    expect(await whyNoElectronDownload()).toMatch(/^the proxy 127\.0\.0\.1:9 cannot be reached/u);
    vi.stubEnv('HTTPS_PROXY', '');
    expect(await whyNoElectronDownload()).toBe('electron.invalid is out of reach');
  });
});

describe('a policy that packages bring', () => {
  let folder: string;
  const out = () => path.join(folder, 'out');
  const given = (text: string): string => {
    const file = path.join(folder, 'policies.json');
    writeFileSync(file, text);
    return file;
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdover-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is laid as it was given, and taken away by the next build without one', async () => {
    const text = '{ "retention": { "incomingDays": 14 } }\n';
    await layPolicy(given(`\uFEFF${text}`), out());
    expect(readFileSync(path.join(out(), 'policies.json'), 'utf8')).toBe(text);
    await layPolicy(null, out());
    expect(readdirSync(out())).toEqual([]);
  }, 60_000);

  it.each([
    ['{ "retention": { "incomingDays": "14" } }', /retention\.incomingDays/u],
    ['{ "retension": {} }', /retension/u],
    ['{ "retention": ', /the file is not JSON/u],
  ])(
    '%s ends the build with the place at fault',
    async (text, words) => {
      await expect(layPolicy(given(text), out())).rejects.toThrow(words);
      expect(readdirSync(out())).toEqual([]);
    },
    60_000,
  );

  it('has to be there where it was named', () => expect(layPolicy(path.join(folder, 'none.json'), out())).rejects.toThrow('none.json'));
});

describe('files that are no part of the app', () => {
  const listed = (...names: string[]): Listed[] => names.map((name) => [name, '']);

  it('are named, wherever they lie in the package', () => {
    const ours = ['app.asar', 'admin/holdover-admin.mjs', 'notices/LICENSE', 'dictionaries/de.dic', 'policies.json', '../holdover-engine'];
    expect(strayFiles(listed(...ours), listed('package.json', 'dist/main/index.js'))).toEqual([]);
    const strays = ['admin/.env', 'notices/private.pem', 'test/a.ts', 'app.asar.unpacked/node_modules/zod/a.js', 'app/index.js'];
    expect(strayFiles(listed(...strays), listed('scripts/dist.mjs', 'dist/test/a.js'))).toEqual([
      ...strays,
      'app.asar/scripts/dist.mjs',
      'app.asar/dist/test/a.js',
    ]);
  });
});
