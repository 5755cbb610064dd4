import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOnce, hasRpm, HOMEPAGE, MAINTAINER } from './support/build.ts';

const root = path.join(import.meta.dirname, '../..');
const release = path.join(root, 'release');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const RPM = path.join(release, `Holdover-${version}-linux-x86_64.rpm`);
/** Of the machine: an administrator's change outlasts an update. */
const AUTOSTART = '/etc/xdg/autostart/holdover.desktop';

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const query = (...args: string[]): string => run('rpm', '-qp', ...args, RPM);
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.runIf(hasRpm)('the package for RPM systems', () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(path.join(tmpdir(), 'holdover-rpm-'));
    buildOnce('linux');
    // Into a folder of its own: what this machine has of packages is another system's.
    run('rpm', '--root', place, '--dbpath', '/db', '--nodeps', '--noscripts', '--ignoreos', '-i', RPM);
  }, 300_000);
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('says what it is, for which processor, and who gives it out', () => {
    const format = '%{NAME}|%{VERSION}|%{ARCH}|%{OS}|%{URL}|%{VENDOR}|%{PACKAGER}';
    expect(query('--queryformat', format)).toBe(`holdover|${version}|x86_64|linux|${HOMEPAGE}|Mail of Company|${MAINTAINER}`);
  });

  it('asks for the libraries of the runtime and of the keyring, by the names of these systems', () => {
    const needs = query('--requires').split('\n');
    expect(needs).toEqual(expect.arrayContaining(['gtk3', 'nss', 'libsecret', 'alsa-lib', 'mesa-libgbm', '(libuuid or libuuid1)']));
  });

  it('is installed whole, byte for byte as it was packed, writable for root alone', () => {
    const [packed, installed] = [path.join(release, 'linux-unpacked'), path.join(place, 'opt/Holdover')];
    const names = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    expect(names(installed)).toEqual(names(packed));
    for (const name of names(installed)) {
      const { mode, uid } = lstatSync(path.join(installed, name));
      expect([name, uid, mode & 0o022]).toEqual([name, 0, 0]);
      if (lstatSync(path.join(installed, name)).isFile())
        expect([name, digest(path.join(installed, name))]).toEqual([name, digest(path.join(packed, name))]);
    }
  });

  it('brings menu entry and icons of all sizes, and what it runs at its install names no foreign file', () => {
    const files = query('-l').split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        '/usr/share/applications/holdover.desktop',
        '/usr/bin/holdover-engine',
        '/usr/bin/holdover-admin',
        AUTOSTART,
      ]),
    );
    expect(query('-c')).toContain(AUTOSTART);
    for (const name of ['holdover-engine', 'holdover-admin']) {
      const command = path.join(place, 'usr/bin', name);
      expect(lstatSync(command).mode & 0o777).toBe(0o755);
      expect(readFileSync(command, 'utf8')).toContain(`exec /opt/Holdover/${name} "$@"`);
    }
    for (const size of [16, 24, 32, 48, 64, 96, 128, 256, 512])
      expect(files).toContain(`/usr/share/icons/hicolor/${size}x${size}/apps/holdover.png`);
    expect(query('--scripts')).toMatch(/\/opt\/Holdover\//u);
    expect(
      files.filter(
        (name) =>
          name !== '' &&
          name !== AUTOSTART &&
          !/^\/(?:opt\/Holdover|usr\/bin\/holdover-(?:engine|admin)$|usr\/share\/(?:applications|icons)|usr\/lib\/\.build-id)/u.test(name),
      ),
    ).toEqual([]);
  });
});
