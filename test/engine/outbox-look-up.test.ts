import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { Side } from '../../shared/model/account.ts';
import type { OutboxId } from '../../shared/model/ids.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { until } from '../support/until.ts';

let server: ImapScript;
let session: ImapSession;
let rig: OutboxRig;

beforeEach(async () => {
  server = await startImapScript();
  for (const [path, specialUse] of Object.entries({ Sent: '\\Sent', Drafts: '\\Drafts', Archive: '\\Archive', Trash: '\\Trash' })) {
    server.store.create(path, { specialUse });
  }
  server.store.create('Projects');
  session = await openGatewaySession({ port: server.port });
  rig = new OutboxRig({ primary: 1, relay: 1 });
});
afterEach(async () => {
  await session.close();
  await rig.close();
  await server.close();
});

/** A mail whose reply was lost. */
function uncertain(route: Side = 'primary'): { id: OutboxId; raw: Buffer } {
  const id = rig.send({ envelope: { from: 'anna@example.com', to: ['a@example.com', 'b@example.com'] } });
  const error = { code: 'delivery-unconfirmed' as const, scope: 'message' as const, retry: 'ask' as const, side: null, detail: '' };
  rig.store.setRecipients(id, ['pending'], 'unknown');
  rig.store.change(id, { state: 'unknown', route, bodyStarted: true, uncertainSince: rig.clock.now(), error });
  return { id, raw: Buffer.concat([...rig.store.bytes.pieces(id)]) };
}
const put = (path: string, raw: Buffer, flags: string[] = []) => server.store.get(path).add({ raw, flags });
const traced = (raw: Buffer): Buffer => Buffer.concat([Buffer.from('Received: from x by y\r\n'), raw]);

describe('an uncertain mail', () => {
  it.each([
    ['primary', 'Sent', (raw: Buffer) => raw],
    ['primary', 'INBOX', traced],
    ['primary', 'Archive', traced],
    ['relay', 'Projects', traced],
    ['relay', 'Trash', (raw: Buffer) => raw],
  ] as const)('is proved delivered by a copy on the %s in %s', async (side, path, change) => {
    const { id, raw } = uncertain();
    put(path, change(raw));
    await rig.runJobs(side, session);
    const item = rig.outbox.item(id);
    expect(item).toMatchObject({ state: path === 'Sent' ? 'filed' : 'accepted', error: null });
    expect(item.recipients.map((one) => one.state)).toEqual(['accepted', 'accepted']);
    expect(item.lookUps).toMatchObject([{ side, foundIn: path, error: null }]);
  });

  it("found in the primary's own Sent needs no other copy", async () => {
    const { id, raw } = uncertain();
    put('Sent', raw);
    await rig.runJobs('primary', session);
    expect(rig.row(id)).toMatchObject({ state: 'filed', sentCopy: 'by-server' });
    expect(server.store.get('Sent').messages).toHaveLength(1);
  });

  it.each([
    ['a draft of it', 'Archive', ['\\Draft'], (raw: Buffer) => raw],
    [
      'another mail with its Message-ID',
      'Sent',
      [],
      (raw: Buffer) => Buffer.from(raw.toString().replace('\r\n\r\ntext', '\r\n\r\nother words')),
    ],
    ['a copy in Drafts', 'Drafts', [], (raw: Buffer) => raw],
    ["a copy in somebody's folder of the primary", 'Projects', [], (raw: Buffer) => raw],
  ] as const)('is not proved by %s', async (_name, path, flags, change) => {
    const { id, raw } = uncertain();
    put(path, change(raw), [...flags]);
    await rig.runJobs('primary', session);
    expect(rig.outbox.item(id)).toMatchObject({ state: 'unknown', lookUps: [{ foundIn: null, error: null }] });
  });

  it('that is found nowhere stays as it is; the search is kept and repeated', async () => {
    const { id, raw } = uncertain();
    await rig.runJobs('relay', session);
    await rig.runJobs('relay', session);
    expect(rig.outbox.item(id).lookUps).toHaveLength(1);
    expect(rig.outbox.item(id).lookUps[0]?.searched).toEqual(['Sent', 'Archive', 'INBOX', 'Projects', 'Trash']);
    rig.clock.suspend(20_000);
    put('Trash', raw);
    await rig.runJobs('relay', session);
    expect(rig.outbox.item(id)).toMatchObject({ state: 'accepted', lookUps: [{ foundIn: null }, { foundIn: 'Trash' }] });
  });

  it('is searched again when that is due, whatever else changes in that very moment', async () => {
    uncertain();
    rig.outbox.start();
    for (const side of ['primary', 'relay'] as const) await rig.runJobs(side, session);
    rig.woken.length = 0;
    const later = (): OutboxId => rig.send({ sendAfter: rig.clock.now() + 86_400_000 });
    later();
    expect(rig.woken).toEqual([]);
    rig.clock.pass(3_600_000);
    later();
    expect(rig.woken).not.toEqual([]);
  });

  it('is searched at once when a person asks', async () => {
    const { id, raw } = uncertain();
    await rig.runJobs('primary', session);
    put('Sent', raw);
    rig.clock.suspend(1_000);
    await rig.outbox.lookUp(id);
    expect(rig.woken).toContain(undefined);
    rig.clock.suspend(1);
    await rig.runJobs('primary', session);
    expect(rig.row(id).state).toBe('filed');
  });

  it('keeps what a mailbox that refuses has left unsearched', async () => {
    const { id, raw } = uncertain();
    server.fault({ command: 'EXAMINE', nth: 1, action: { no: 'not now' } });
    await rig.runJobs('primary', session);
    expect(rig.outbox.item(id)).toMatchObject({ state: 'unknown', lookUps: [{ foundIn: null, error: { code: expect.any(String) } }] });
    put('Sent', raw);
    await rig.runJobs('primary', session);
    expect(rig.row(id).state).toBe('filed');
  });

  it('goes on for those alone whom the server had put off', async () => {
    const { id, raw } = uncertain();
    rig.store.setRecipient(id, 'b@example.com', { state: 'transient', replyCode: 450, reply: 'busy', enhancedCode: null });
    put('Sent', raw);
    await rig.runJobs('primary', session);
    const row = rig.row(id);
    expect(row).toMatchObject({ state: 'queued', bodyStarted: false, route: null, sentCopy: 'by-server' });
    expect(row.recipients.map((one) => one.state)).toEqual(['accepted', 'transient']);
  });

  it('with others left goes on by itself at once', async () => {
    rig.route = { side: null, hold: 'no-route' };
    rig.outbox.start();
    const { id, raw } = uncertain();
    rig.store.setRecipient(id, 'b@example.com', { state: 'transient', replyCode: 450, reply: 'busy', enhancedCode: null });
    await until('asleep', () => rig.row(id).state === 'unknown');
    put('Sent', raw);
    await rig.runJobs('primary', session);
    await until('looked at', () => rig.row(id).hold === 'no-route');
  });

  it('of which others have a copy already cannot be proved by one', async () => {
    const { id, raw } = uncertain();
    rig.store.change(id, { acceptedAt: rig.clock.now(), sentCopy: 'waiting' });
    put('Sent', raw);
    await rig.runJobs('primary', session);
    expect(rig.row(id).state).toBe('unknown');
  });

  it('waits for a session that breaks, and loses nothing', async () => {
    const { id } = uncertain();
    server.fault({ command: 'UID SEARCH', nth: 1, action: { cutAfterBytes: 0 } });
    await expect(rig.runJobs('primary', session)).rejects.toThrow();
    expect(rig.row(id).state).toBe('unknown');
  });
});
