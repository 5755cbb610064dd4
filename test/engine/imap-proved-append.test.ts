import { afterEach, describe, expect, it } from 'vitest';
import { provedAppend, type AppendNote, type AppendProof } from '../../main/engine/imap/proved-append.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { ImapRigs, scriptDay, scriptMail } from '../support/imap-rig.ts';
import { allCapabilities, without, type ImapScript, type ScriptAction } from '../support/imap-script.ts';

const rigs = new ImapRigs();
afterEach(() => rigs.close());

const raw = Buffer.from(scriptMail(9));
const messageId = /^Message-ID: (.*)$/imu.exec(raw.toString())?.[1]?.trim() ?? null;

/** Tries until it is proved, over new connections, with what earlier tries noted; at most five times. */
async function fileUntilProved(
  server: ImapScript,
  withId = true,
): Promise<{ proof: AppendProof | null; errors: string[]; notes: AppendNote[] }> {
  const notes: AppendNote[] = [];
  const errors: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const session = await openGatewaySession({ port: server.port });
    try {
      const noted = notes.at(-1) ?? null;
      const intent = { path: 'Archiv', raw, flags: ['\\Seen'], internalDate: scriptDay(1), messageId: withId ? messageId : null, noted };
      const proof = await provedAppend(session, { ...intent, record: (note) => notes.push(note) });
      return { proof, errors, notes };
    } catch (error) {
      errors.push((error as { code: string }).code);
    } finally {
      await session.close();
    }
  }
  return { proof: null, errors, notes };
}

const copies = (server: ImapScript) => server.store.get('Archiv').messages.filter((one) => one.raw.equals(raw)).length;

describe('a proved append (I7)', () => {
  const faults: Readonly<Record<string, ScriptAction>> = {
    'cut before its OK': { cutAfterBytes: 0 },
    'reset inside its OK': { cutAfterBytes: 4, reset: true },
    'ended by BYE': { bye: 'shutting down' },
    'refused for now': { no: '[INUSE] try later' },
  };
  for (const capabilities of [allCapabilities, without('UIDPLUS')]) {
    for (const withId of [true, false]) {
      const face = `${capabilities.includes('UIDPLUS') ? 'with' : 'without'} UIDPLUS, ${withId ? 'with' : 'without'} Message-ID`;
      it.each(Object.entries(faults))(`files one copy when it is %s, ${face}`, async (_name, action) => {
        const { server } = await rigs.open({ capabilities });
        server.store.create('Archiv');
        server.fault({ command: 'APPEND', action });
        const { proof, errors } = await fileUntilProved(server, withId);
        expect(proof).toMatchObject({ isExact: true });
        expect(errors).toHaveLength(1);
        expect(copies(server)).toBe(1);
      });
    }
  }

  it('is not taken in by an older copy below the floor', async () => {
    const { server } = await rigs.open();
    server.store.create('Archiv').add({ raw });
    expect((await fileUntilProved(server)).proof).toMatchObject({ uid: 2, isFound: false });
    expect(copies(server)).toBe(2);
  });

  it('finds what somebody else filed since, rewritten', async () => {
    const { server } = await rigs.open();
    const archive = server.store.create('Archiv');
    server.fault({
      command: 'APPEND',
      action: { before: () => void archive.add({ raw: `X-Filter: one\r\n${raw.toString()}` }), then: { bye: 'restarting' } },
    });
    expect((await fileUntilProved(server)).proof).toMatchObject({ uid: 1, isFound: true, isExact: false });
    expect(archive.messages).toHaveLength(1);
  });

  it('never sends again what the server said OK to and does not show', async () => {
    const { server } = await rigs.open({ capabilities: without('UIDPLUS') });
    const archive = server.store.create('Archiv');
    server.fault({ command: 'APPEND', nth: 'every', action: { rewrite: (answer) => (archive.messages.splice(0), answer) } });
    const { proof, errors } = await fileUntilProved(server);
    expect(proof).toBeNull();
    expect(new Set(errors)).toEqual(new Set(['answer-incomplete']));
    expect(server.commands.filter((one) => one.name === 'APPEND')).toHaveLength(1);
  });

  it('looks through the whole mailbox when its epoch changed in between', async () => {
    const { server } = await rigs.open();
    const archive = server.store.create('Archiv');
    server.fault({ command: 'APPEND', action: { cutAfterBytes: 0 } });
    const first = await fileUntilProved(server);
    archive.uidValidity += 1;
    const session = await openGatewaySession({ port: server.port });
    const noted = { ...first.notes[0]!, floor: 50 };
    const intent = { path: 'Archiv', raw, flags: [], internalDate: scriptDay(1), messageId, noted, record: () => undefined };
    expect(await provedAppend(session, intent)).toMatchObject({ uid: 1, isFound: true, epoch: archive.uidValidity });
    await session.close();
  });
});
