import { describe, expect, it } from 'vitest';
import { findRefusedSwitches } from '../../main/app/command-line.ts';

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
