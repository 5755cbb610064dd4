import { afterEach, expect, it } from 'vitest';
import type { MessagePieces } from '../../main/engine/imap/gateway.ts';
import { ImapRigs } from '../support/imap-rig.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

const PIECE = Buffer.from('a line of the usual length, and one more word after it\r\n'.repeat(2_000));
const head = Buffer.from('Message-ID: <large@example.com>\r\n\r\n');
const COUNT = 12;
const whole = Buffer.concat([head, ...Array.from({ length: COUNT }, () => PIECE)]);

/** A message that is asked for piece by piece; `onPiece` may end it. */
const inPieces = (onPiece: (n: number) => void = () => undefined): MessagePieces => ({
  sizeBytes: whole.length,
  pieces: function* () {
    yield head;
    for (let n = 1; n <= COUNT; n += 1) {
      onPiece(n);
      yield PIECE;
    }
  },
});

it('a large message is filed from its pieces, byte for byte, and the session goes on', async () => {
  const { server, session } = await rigs.open();
  const { uid } = await session.append('INBOX', inPieces(), ['\\Seen'], Date.now());
  expect(server.store.get('INBOX').find(uid!)?.raw.equals(whole)).toBe(true);
  expect((await session.status('INBOX')).messages).toBe(6);
});

it('a refusal after the literal leaves the session usable, and one instead of asking for it sends nothing', async () => {
  const { server, session } = await rigs.open();
  server.fault({ command: 'APPEND', action: { no: '[OVERQUOTA] full' } });
  await expect(session.append('INBOX', inPieces(), [], Date.now())).rejects.toMatchObject({ code: 'over-quota' });
  expect((await session.status('INBOX')).messages).toBe(5);
  await session.append('INBOX', inPieces(), [], Date.now());
  expect((await session.status('INBOX')).messages).toBe(6);
});

it('a source that fails halfway ends the connection: half a literal cannot be taken back', async () => {
  const { server, session } = await rigs.open();
  let times = 0;
  const source = inPieces((n) => {
    if (n === 1) times += 1;
    if (times === 2 && n === 6) throw new Error('the store is away');
  });
  await expect(session.append('INBOX', source, [], Date.now())).rejects.toMatchObject({ scope: 'connection' });
  expect(session.isOpen).toBe(false);
  expect(server.store.get('INBOX').messages).toHaveLength(5);
});

it('a connection that is cut while the literal goes out ends the command', async () => {
  const { server, session } = await rigs.open({
    onBytes: (chunk) => (chunk.includes('and one more word') ? server.dropConnections('reset') : undefined),
  });
  await expect(session.append('INBOX', inPieces(), [], Date.now())).rejects.toMatchObject({ scope: 'connection' });
  expect(server.store.get('INBOX').messages).toHaveLength(5);
});

it('a NUL is refused before anything is sent', async () => {
  const { server, session } = await rigs.open();
  const bad = { sizeBytes: 3, pieces: () => [Buffer.from('a\0b')] };
  await expect(session.append('INBOX', bad, [], Date.now())).rejects.toMatchObject({ code: 'call-rejected' });
  expect(server.commands.some((one) => one.name === 'APPEND')).toBe(false);
});
