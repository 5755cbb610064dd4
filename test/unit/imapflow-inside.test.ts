import { readdirSync, readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';
import { describe, expect, it } from 'vitest';
import { FLOW_IN_LINE, FLOW_IN_LITERAL } from '../../main/engine/imap/flow-connection.ts';

/** The gateway uses parts of imapflow that are not published; a new version has to be looked at before it is taken. */
describe('inside imapflow', () => {
  const flow = new ImapFlow({ host: 'localhost', port: 1, auth: { user: 'x', pass: 'x' }, logger: false }) as unknown as Record<
    string,
    unknown
  >;
  const pinned = (JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }).dependencies['imapflow'];

  it('is the version that the gateway was written for', () => {
    expect(pinned).toBe('2.10.2');
    expect((ImapFlow as unknown as { version: string }).version).toBe(pinned);
  });

  it.each(['handleResponse', 'initialPREAUTH', 'authenticate', 'throttleWait', 'upgradeToSTARTTLS', 'exec', 'write', 'close', 'logout'])(
    'has the method %s',
    (name) => {
      expect(flow[name]).toBeTypeOf('function');
    },
  );

  it('has a stream with limits that can be changed, and tells where it stands', () => {
    expect(flow['streamer']).toMatchObject({
      maxLineLength: expect.any(Number),
      maxLiteralSize: expect.any(Number),
      maxResponseSize: expect.any(Number),
      readBytesCounter: 0,
      lineBytes: 0,
      lineBuffer: [],
      inputBuffer: [],
      literals: [],
      literalWaiting: 0,
      destroyed: false,
      state: FLOW_IN_LINE,
      processInputChunk: expect.any(Function),
      processChunkSegment: expect.any(Function),
    });
    expect(FLOW_IN_LINE).not.toBe(FLOW_IN_LITERAL);
  });

  it('has the socket that commands are written to', () => {
    expect('writeSocket' in flow).toBe(true);
  });

  it('looks its commands up in a map of its own', () => {
    const commands = flow['commands'] as Map<string, unknown>;
    expect(['ID', 'NAMESPACE', 'AUTHENTICATE', 'LOGIN', 'LOGOUT'].filter((name) => !commands.has(name))).toEqual([]);
  });

  it('is imported by one file only', () => {
    const files = readdirSync('main', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const importers = files.filter((file) => /from 'imapflow/.test(readFileSync(`main/${file}`, 'utf8')));
    expect(importers).toEqual(['engine/imap/imapflow-gateway.ts']);
  });
});
