import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { usage as adminUsage } from '../../main/admin/commands.ts';
import { findRefusedSwitches } from '../../main/app/command-line.ts';
import { calledAs } from '../../main/cli/called-as.ts';
import { usage as engineUsage } from '../../main/cli/commands.ts';
import { explain } from '../../main/cli/explain.ts';
import { findShellCommand } from '../../main/shell-command.ts';
import runtime from '../../shared/engine-runtime.json';
import { MailError, packError } from '../../shared/errors.ts';

const REFUSED = [
  '--inspect',
  '--inspect=9229',
  '--inspect-brk',
  '--inspect-port=1',
  '--inspect-publish-uid=http',
  '--debug',
  '--debug-brk=5858',
  '--remote-debugging-port=9222',
  '--remote-debugging-port',
  '--REMOTE-DEBUGGING-PORT=9222',
  '-remote-debugging-port=9222',
  '--remote-debugging-pipe',
  '--remote-allow-origins=*',
  '--js-flags=--expose-gc',
  '--load-extension=/x',
  '--disable-web-security',
  '--no-sandbox',
  '--ignore-certificate-errors',
  '--proxy-server=http://127.0.0.1:8080',
  '--host-rules=MAP * 127.0.0.1',
  '--host-resolver-rules=MAP * 127.0.0.1',
  '--user-data-dir=/tmp/x',
  '--ssl-key-log-file=/tmp/x',
  '--log-net-log=/tmp/x',
  '--enable-logging=stderr',
  '--renderer-cmd-prefix=gdb',
  '--gpu-launcher=x',
  '--utility-cmd-prefix=x',
  '--auto-open-devtools-for-tabs',
];

describe('command line of a released build', () => {
  it.each(REFUSED)('does not start with %s', (argument) => {
    expect(findRefusedSwitches([argument], 'linux')).toHaveLength(1);
  });

  it.each(['--profile=/x', '--profile', '/x', '--disable-gpu', '--lang=de', '--ozone-platform=wayland', 'inspect', '/inspect', '-'])(
    'starts with %s',
    (argument) => expect(findRefusedSwitches([argument], 'linux')).toEqual([]),
  );

  it('knows the slash of Windows', () => {
    expect(findRefusedSwitches(['/remote-debugging-port=1', '/Inspect'], 'win32')).toEqual(['remote-debugging-port', 'inspect']);
  });

  it('ends at the double dash, as Chromium does', () => {
    expect(findRefusedSwitches(['--', '--inspect'], 'linux')).toEqual([]);
  });
});

describe('a command in place of the window', () => {
  it.each([
    [['--engine', 'policy', 'show'], { name: 'engine', args: ['policy', 'show'] }],
    [['--admin', '--', '--help'], { name: 'admin', args: ['--help'] }],
    [
      ['--no-sandbox', '--no-zygote', '--log-level=3', '--engine', '--', 'list', '--', '-x'],
      { name: 'engine', args: ['list', '--', '-x'] },
    ],
    [['--engine'], { name: 'engine', args: [] }],
  ])('%j', (argv, expected) => expect(findShellCommand(argv)).toEqual(expected));

  it.each([
    [[]],
    [['--hidden']],
    [['mailto:a@b.example', '--engine', 'set-aside']],
    [['--hidden', '--admin']],
    [['--', '--engine']],
    [['--engines']],
    [['--no-sandbox']],
  ])('is none of %j: another program could have put it there', (argv) => expect(findShellCommand(argv)).toBeNull());

  it("is started by the launchers with the memory settings that the engine's own process has", () => {
    const root = path.join(import.meta.dirname, '../..');
    for (const name of ['holdover-engine', 'holdover-admin']) {
      const [, given = ''] =
        /^export HOLDOVER_CALLED_AS='holdover-\*' (.*)$/mu.exec(readFileSync(path.join(root, 'assets/linux', name), 'utf8')) ?? [];
      expect(Object.fromEntries(given.split(' ').map((one) => one.split('=')))).toEqual(runtime.env);
    }
  });
});

describe('how a command names itself', () => {
  it('is how it was called, in remedies too', () => {
    expect(calledAs('engine', {})).toBe('npm run engine --');
    expect(calledAs('admin', { HOLDOVER_CALLED_AS: 'holdover-*' })).toBe('holdover-admin');
    vi.stubEnv('HOLDOVER_CALLED_AS', 'Holdover.exe --*');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(engineUsage()).toMatch(/^usage: Holdover\.exe --engine COMMAND/u);
    expect(adminUsage()).toMatch(/^usage: Holdover\.exe --admin COMMAND/u);
    const lost = packError(new MailError('vault-damaged', { scope: 'store', retry: 'ask' }));
    expect(explain(lost, null)).toContain(': Holdover.exe --engine recover --recovery-key-file');
  });
});
