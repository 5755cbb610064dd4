import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dateOf, messageIdOf, sourceOf } from '../crash/world.ts';
import { startDovecot, usualMailboxes, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapProxy } from '../support/imap-proxy.ts';
import { compareLocal, compareServer } from '../support/mail-model/model-check.ts';
import { modelMail, ServerModel, type Standing } from '../support/mail-model/server-model.ts';
import type { SecondClient } from '../support/second-client.ts';
import { until } from '../support/until.ts';

/** The measures of I2 and I9 themselves: what an engine that is broken would do has to be told by them. */
const ids = ['a', 'b', 'c'];
let server: Dovecot;
let client: SecondClient;
let rig: EngineRig;
const model = new ServerModel(['INBOX', 'Drafts', 'Sent', 'Archive'], ['Trash', 'Junk']);
const standings = new Map<string, Standing>();

beforeAll(async () => {
  server = await startDovecot({ users: ['alice'], mailboxes: usualMailboxes });
  client = await server.connect();
  for (const id of ids) {
    const raw = sourceOf({ id, path: 'INBOX' }, 'primary');
    await client.append('INBOX', raw, { internalDate: dateOf(1) });
    standings.set(id, model.append(model.at('INBOX'), modelMail(messageIdOf(id), raw, dateOf(1)), []));
  }
  rig = await EngineRig.open({ primary: { port: server.imapPort, user: 'alice', password: server.user().password } });
  await rig.mirror();
});
afterAll(async () => {
  await rig.close();
  await client.close();
  await server.dispose();
});

const where = `message_id = '${messageIdOf('b')}'`;
const COLUMNS =
  'entry_id, mailbox_id, side, uid_validity, modseq, flags, internal_date, size_bytes, message_id, summary_digest, structure_digest, ' +
  'email_id, source_id, body_state, fetch_attempts, state, state_since';

describe('the comparison of I2', () => {
  it('finds nothing where all is equal', async () => {
    expect(compareLocal(model, rig, 'primary')).toEqual([]);
    expect(await compareServer(model, client)).toEqual([]);
  });

  it.each([
    ['a changed flag', `UPDATE placements SET flags = '\\seen' WHERE ${where}`, 'UID 2: flags [\\seen] instead of []'],
    ['a lost message', `UPDATE placements SET state = 'vanished' WHERE ${where}`, 'UID 2: missing'],
    ['another internal date', `UPDATE placements SET internal_date = internal_date + 1000 WHERE ${where}`, 'UID 2: internal date'],
    [
      'another body',
      `UPDATE placements SET source_id = (SELECT source_id FROM placements WHERE message_id = '${messageIdOf('c')}') WHERE ${where}`,
      'UID 2: bytes',
    ],
    ['a body that is missing', `UPDATE placements SET source_id = NULL, body_state = 'missing' WHERE ${where}`, 'UID 2: bytes'],
    [
      'a doubled message',
      `INSERT INTO placements (uid, ${COLUMNS}) SELECT uid + 100, ${COLUMNS} FROM placements WHERE ${where}`,
      'UID 102: not expected',
    ],
    ['another UID', `UPDATE placements SET uid = 50 WHERE ${where}`, 'UID 2: missing', 'UID 50: not expected'],
  ])('tells of %s in the copy', (_, harm, ...told) => {
    const { db } = rig.engine.store.handle;
    db.exec('SAVEPOINT harm');
    db.exec(harm);
    const found = compareLocal(model, rig, 'primary');
    db.exec('ROLLBACK TO harm; RELEASE harm');
    expect(found).toEqual(told.map((one) => `primary INBOX ${one}`));
    expect(compareLocal(model, rig, 'primary')).toEqual([]);
  });

  it('tells of a changed flag, a doubled, a lost and a changed message on the server', async () => {
    const tells = async (...told: string[]): Promise<void> =>
      expect(await compareServer(model, client)).toEqual(told.map((one) => `server INBOX ${one}`));
    await client.select('INBOX');
    await client.store([2], '+', ['\\Flagged']);
    await tells('UID 2: flags [\\flagged] instead of []');
    await client.select('INBOX');
    await client.store([2], '-', ['\\Flagged']);
    await client.append('INBOX', sourceOf({ id: 'b', path: 'INBOX' }, 'primary'), { internalDate: dateOf(1) });
    await tells('UID 4: not expected');
    await client.select('INBOX');
    await client.expunge([4]);
    await tells();
    const b = standings.get('b')!;
    const mail = b.mail!;
    b.mail = { ...mail, internalDate: mail.internalDate + 1000 };
    await tells('UID 2: internal date');
    b.mail = { ...mail, sha256: standings.get('c')!.mail!.sha256 };
    await tells('UID 2: bytes');
    b.mail = mail;
    await client.select('INBOX');
    await client.expunge([2]);
    await tells('UID 2: missing');
  });
});

describe('the count of connections of I9', () => {
  it.each([
    { maxConnections: 50, peak: 5, tooMany: 0 },
    { maxConnections: 3, peak: 3, tooMany: 2 },
  ])('of a client that opens five, where $maxConnections are taken', async ({ maxConnections, peak, tooMany }) => {
    const proxy = await startImapProxy({ upstreamPort: server.imapPort, maxConnections });
    const sockets: Socket[] = [];
    for (let n = 1; n <= 5; n += 1) {
      sockets.push(connect({ port: proxy.port, host: '127.0.0.1' }).on('error', () => undefined));
      await until('connected', () => proxy.attempts.length === n);
    }
    expect(proxy.peakConnections).toBe(peak);
    expect(proxy.attempts.filter((one) => one.outcome === 'too-many')).toHaveLength(tooMany);
    for (const socket of sockets) socket.destroy();
    await proxy.close();
  });
});
