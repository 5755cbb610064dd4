import { afterEach, describe, expect, it } from 'vitest';
import type { ImapSession, RemoteSummary } from '../../main/engine/imap/gateway.ts';
import { asModSeq, asUid } from '../../shared/model/ids.ts';
import { collect } from '../support/gateway-session.ts';
import { ImapRigs, scriptDay, scriptMail, uids } from '../support/imap-rig.ts';
import { without } from '../support/imap-script.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

describe('fetching', () => {
  const summaries = async (session: ImapSession, ...list: number[]) => collect(session.fetchSummaries(uids(...list)));

  it('gives summaries of those that exist', async () => {
    const { session } = await rigs.open();
    await session.select('INBOX');
    const [first, second, ...more] = (await summaries(session, 2, 3, 77)) as RemoteSummary[];
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      uid: 2,
      flags: ['\\Seen', '$Forwarded'],
      internalDate: scriptDay(2),
      sizeBytes: scriptMail(2).length,
      messageId: '<2@example.com>',
      subject: 'n 2',
      emailId: expect.any(String),
      modSeq: expect.any(BigInt),
    });
    expect(second?.uid).toBe(3);
  });

  it('gives sources, slices and headers byte by byte', async () => {
    const { session } = await rigs.open();
    await session.select('INBOX');
    expect(
      (await collect(session.fetchSources(uids(1, 4)))).map((one) => ('raw' in one ? Buffer.from(one.raw).toString() : 'error')),
    ).toEqual([scriptMail(1), scriptMail(4)]);
    const pieces: Uint8Array[] = [];
    for (let at = 0; ; at += 7) {
      const piece = await session.fetchSlice(asUid(3), at, 7);
      pieces.push(piece);
      if (piece.byteLength < 7) break;
    }
    expect(Buffer.concat(pieces).toString()).toBe(scriptMail(3));
    expect(await session.fetchSlice(asUid(3), 100_000, 10)).toHaveLength(0);
    expect(Buffer.from(await session.fetchHeader(asUid(3))).toString()).toBe(scriptMail(3).slice(0, scriptMail(3).indexOf('\r\n\r\n') + 4));
    await expect(session.fetchSlice(asUid(99), 0, 10)).rejects.toMatchObject({ code: 'message-missing', scope: 'message' });
    await expect(session.fetchHeader(asUid(99))).rejects.toMatchObject({ code: 'message-missing', scope: 'message' });
  });

  it('gives flags, and changes since a MODSEQ with what vanished', async () => {
    const { server, session } = await rigs.open();
    const box = server.store.get('INBOX');
    const before = box.highestModSeq;
    box.setFlags(1, ['\\Flagged']);
    box.setFlags(4, ['\\Seen']);
    box.expunge(3);
    box.expunge(5);
    await session.select('INBOX');
    expect((await session.fetchFlags(uids(1, 2, 3))).map(({ uid, flags }) => [uid, flags])).toEqual([
      [1, ['\\Flagged']],
      [2, ['\\Seen', '$Forwarded']],
    ]);
    // Of messages not known only flagged ones are told.
    expect(await session.changes(asModSeq(before), uids(2, 3))).toEqual({
      flags: [{ uid: 1, flags: ['\\Flagged'], modSeq: expect.any(BigInt) }],
      vanished: [3],
    });
    const all = await session.changes(asModSeq(0), uids(1, 2, 3, 4, 5));
    expect(all.flags.map(({ uid }) => uid)).toEqual([1, 2, 4]);
    expect(all.vanished).toEqual([3, 5]);
  });

  it('tells no vanished messages without QRESYNC, and no changes without CONDSTORE', async () => {
    const some = await rigs.open({ capabilities: without('QRESYNC') });
    some.server.store.get('INBOX').setFlags(1, ['\\Seen']);
    await some.session.select('INBOX');
    expect(await some.session.changes(asModSeq(1), uids(1, 2, 3))).toMatchObject({ vanished: null });
    const none = await rigs.open({ capabilities: without('QRESYNC', 'CONDSTORE') });
    expect((await none.session.select('INBOX')).highestModSeq).toBeNull();
    await expect(none.session.changes(asModSeq(1), uids(1))).rejects.toMatchObject({ code: 'operation-unsafe' });
    expect(await none.session.fetchFlags(uids(1))).toMatchObject([{ uid: 1, modSeq: null }]);
  });

  it('keeps the order and the pace of its consumer, and memory bounded', async () => {
    const { server, session } = await rigs.open();
    const body = 'x'.repeat(64 * 1024);
    for (let n = 6; n <= 205; n += 1) server.store.get('INBOX').add({ raw: `${scriptMail(n)}${body}` });
    await session.select('INBOX');
    const all = uids(...Array.from({ length: 200 }, (_, i) => i + 6));
    const seen: number[] = [];
    for await (const one of session.fetchSources(all)) {
      seen.push(one.uid);
      if (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toEqual(all);
  });

  it('can be left early: the session goes on', async () => {
    const { server, session } = await rigs.open();
    for (let n = 6; n <= 60; n += 1) server.store.get('INBOX').add({ raw: `${scriptMail(n)}${'x'.repeat(200_000)}` });
    await session.select('INBOX');
    for await (const one of session.fetchSources(uids(...Array.from({ length: 60 }, (_, i) => i + 1)))) if (one.uid === 8) break;
    expect(await session.searchUidRange(asUid(1), asUid(3))).toEqual([1, 2, 3]);
  });

  it('refuses a second command while one is running', async () => {
    const { server, session } = await rigs.open();
    await session.select('INBOX');
    server.fault({ command: 'NOOP', action: { delayMs: 50 } });
    const first = session.noop();
    await expect(session.status('INBOX')).rejects.toMatchObject({ code: 'call-rejected' });
    await first;
    expect(session.isOpen).toBe(true);
  });
});
