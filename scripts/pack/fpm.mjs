#!/usr/bin/env node
// Stands in for fpm, which electron-builder fetches from the web to make deb and rpm: where that is out of reach, Debian's own
// dpkg-deb and rpmbuild make the same packages from the same arguments. Understands what electron-builder 26 says, nothing else.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

const FLAGS = new Set(['--force', '--debug']);
const LISTS = new Set(['-d', '--deb-recommends']);
const KNOWN = new Set(
  '-s -t --architecture --after-install --after-remove --description --version --package --name --maintainer --vendor --url --category --deb-priority --deb-compression --rpm-summary --rpm-os --rpm-compression --license --iteration --log'.split(
    ' ',
  ),
);
const RPM_ARCHS = { amd64: 'x86_64', arm64: 'aarch64' };
const KIB = 1024;

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * KIB * KIB, ...options });
  if (error?.code === 'ENOENT') fail(`${command} is needed and not there`);
  if (status !== 0) fail(`${command}: ${stderr || stdout}`);
  return stdout;
}

function parse(argv) {
  const options = { '-d': [], '--deb-recommends': [] };
  const inputs = [];
  for (let n = 0; n < argv.length; n += 1) {
    const name = argv[n];
    if (FLAGS.has(name)) continue;
    if (LISTS.has(name)) options[name].push(argv[(n += 1)]);
    else if (KNOWN.has(name)) options[name] = argv[(n += 1)];
    else if (name.startsWith('-')) fail(`scripts/pack/fpm.mjs does not know ${name}`);
    else {
      const at = name.indexOf('=');
      inputs.push({ from: name.slice(0, at), to: name.slice(at + 1) });
    }
  }
  return { options, inputs };
}

/** Everybody may read and nobody but root may write, whatever the umask of the build was. */
function fixModes(place) {
  const status = lstatSync(place);
  if (status.isSymbolicLink()) return;
  const isExecutable = status.isDirectory() || (status.mode & 0o111) !== 0;
  chmodSync(place, isExecutable ? 0o755 : 0o644);
  if (status.isDirectory()) for (const name of readdirSync(place)) fixModes(path.join(place, name));
}

/** A trailing slash takes what is in the folder, as fpm does. */
function layOut(root, inputs) {
  for (const { from, to } of inputs) {
    const target = path.join(root, to);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(from, target, { recursive: true, verbatimSymlinks: true });
  }
  fixModes(root);
}

function* filesBelow(folder, below = '') {
  for (const item of readdirSync(path.join(folder, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.posix.join(below, item.name);
    if (item.isDirectory()) yield* filesBelow(folder, name);
    else yield { name, isLink: item.isSymbolicLink() };
  }
}

/** First line, then the rest as dpkg wants it: indented, an empty line as a dot. */
function describe(text) {
  const [first = '', ...rest] = text.split('\n').map((line) => line.trim());
  const lines = rest.map((line) => ` ${line === '' ? '.' : line}`);
  return [first === '' ? lines.shift()?.trim() : first, ...lines].join('\n');
}

/** dpkg-deb's word for it. */
const dpkgCompression = (asked = 'xz') => (asked === 'gz' ? 'gzip' : asked);

function makeDeb(root, options, inputs) {
  layOut(root, inputs);
  const files = [...filesBelow(root)].filter((one) => !one.isLink);
  const bytes = files.reduce((total, { name }) => total + lstatSync(path.join(root, name)).size, 0);
  const sums = files.map(
    ({ name }) =>
      `${createHash('md5')
        .update(readFileSync(path.join(root, name)))
        .digest('hex')}  ${name}\n`,
  );
  const control = [
    ['Package', options['--name']],
    ['Version', options['--version']],
    ['Architecture', options['--architecture']],
    ['Maintainer', options['--maintainer']],
    ['Installed-Size', String(Math.ceil(bytes / KIB))],
    ['Depends', options['-d'].join(', ')],
    ['Recommends', options['--deb-recommends'].join(', ')],
    ['Section', options['--category'] ?? 'default'],
    ['Priority', options['--deb-priority'] ?? 'optional'],
    ['Homepage', options['--url']],
    ['Description', describe(options['--description'])],
  ].filter(([, value]) => value);
  const meta = path.join(root, 'DEBIAN');
  mkdirSync(meta);
  writeFileSync(path.join(meta, 'control'), `${control.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`);
  writeFileSync(path.join(meta, 'md5sums'), sums.join(''));
  // As fpm has it: what an administrator changed below /etc is kept.
  const own = files.filter(({ name }) => name.startsWith('etc/')).map(({ name }) => `/${name}\n`);
  if (own.length > 0) writeFileSync(path.join(meta, 'conffiles'), own.join(''));
  const scripts = { postinst: options['--after-install'], postrm: options['--after-remove'] };
  for (const [name, file] of Object.entries(scripts)) if (file) writeFileSync(path.join(meta, name), readFileSync(file), { mode: 0o755 });
  fixModes(meta);
  run('dpkg-deb', ['--root-owner-group', `-Z${dpkgCompression(options['--deb-compression'])}`, '--build', root, options['--package']]);
}

function makeRpm(root, options, inputs) {
  const tree = path.join(root, 'tree');
  layOut(tree, inputs);
  const script = (file) => (file ? readFileSync(file, 'utf8').replaceAll('%', '%%') : '');
  const quoted = [...filesBelow(tree)].map(
    ({ name }) => `${name.startsWith('etc/') ? '%config(noreplace) ' : ''}"/${name.replaceAll('%', '%%')}"`,
  );
  const spec = `
%global __os_install_post %{nil}
%global __brp_mangle_shebangs %{nil}
%define _build_id_links none
Name: ${options['--name']}
Version: ${options['--version'].replaceAll('-', '~')}
Release: ${options['--iteration'] ?? '1'}
Summary: ${options['--rpm-summary'] ?? describe(options['--description']).split('\n')[0]}
License: ${options['--license'] ?? 'unknown'}
Vendor: ${options['--vendor']}
Packager: ${options['--maintainer']}
URL: ${options['--url']}
AutoReqProv: no
${options['-d'].map((name) => `Requires: ${name}`).join('\n')}

%description
${options['--description'].replaceAll('%', '%%')}

%install
mkdir -p %{buildroot}
cp -a ${tree}/. %{buildroot}/

%post -p /bin/bash
${script(options['--after-install'])}

%postun -p /bin/bash
# The old package's script runs after the new one is in place: only a removal may take the link away.
if [ "$1" -ne 0 ]; then exit 0; fi
${script(options['--after-remove'])}

%files
%defattr(-,root,root,-)
${quoted.join('\n')}
`;
  const specFile = path.join(root, 'package.spec');
  writeFileSync(specFile, spec);
  const arch = RPM_ARCHS[options['--architecture']] ?? options['--architecture'];
  run('rpmbuild', [
    '-bb',
    '--target',
    `${arch}-linux`,
    '--define',
    `_topdir ${path.join(root, 'build')}`,
    '--define',
    `_binary_payload ${options['--rpm-compression'] === 'none' ? 'w0.gzdio' : 'w6T0.xzdio'}`,
    specFile,
  ]);
  const made = path.join(root, 'build/RPMS', arch);
  const [name] = existsSync(made) ? readdirSync(made) : [];
  if (!name) fail('rpmbuild left no package');
  cpSync(path.join(made, name), options['--package']);
}

const { options, inputs } = parse(process.argv.slice(2));
const makers = { deb: makeDeb, rpm: makeRpm };
const make = makers[options['-t']];
if (!make) fail(`scripts/pack/fpm.mjs makes deb and rpm, not ${options['-t']}`);
const root = mkdtempSync(path.join(tmpdir(), 'holdover-package-'));
try {
  rmSync(options['--package'], { force: true });
  make(root, options, inputs);
} finally {
  rmSync(root, { recursive: true, force: true });
}
