import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript, type ScriptCommand } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';

let server: ImapScript;
let rig: EngineRig;
let onCommand: (command: ScriptCommand) => void;

beforeEach(async () => {
  onCommand = () => undefined;
  server = await startImapScript({ onCommand: (command) => void onCommand(command) });
  server.store.create('Archive', { specialUse: '\\Archive' });
  for (const id of ['a', 'b', 'c']) server.store.get('INBOX').add({ raw: profileMail(id), internalDate: Date.now() - 60_000 });
  rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' } });
  await rig.mirror();
});
afterEach(async () => {
  await rig.close();
  await server.close();
});

const count = (path: string): number => server.store.get(path).messages.length;
const archiveAll = () => rig.engine.actions.archive(rig.rows('INBOX').map(({ id }) => id));

it('the same change of several mails goes out as one command', async () => {
  archiveAll();
  await rig.mirror();
  expect([count('INBOX'), count('Archive')]).toEqual([0, 3]);
  expect(server.commands.filter(({ name }) => name === 'UID MOVE')).toHaveLength(1);
});

it('what is taken back before it is claimed is not carried out', async () => {
  const { undoId } = archiveAll();
  const asked: string[] = [];
  onCommand = ({ name, args }) => {
    if (name !== 'STATUS' || !args.includes('Archive') || asked.length > 0) return;
    asked.push(name);
    rig.engine.actions.undo(undoId);
  };
  await rig.mirror();
  expect(asked).toHaveLength(1);
  expect([count('INBOX'), count('Archive')]).toEqual([3, 0]);
  expect([rig.rows('INBOX').length, rig.rows('Archive').length]).toEqual([3, 0]);
  expect(rig.engine.store.ops.countOpen(rig.accountId)).toBe(0);
});
