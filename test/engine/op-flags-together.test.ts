import { describe, expect, it } from 'vitest';
import type { UndoToken } from '../../shared/model/action.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';

describe('a flag that is set and taken back', () => {
  it('is set again where the second was undone at the moment at which it already stood for both', async () => {
    const server = await startImapScript({});
    const inbox = server.store.get('INBOX');
    inbox.add({ raw: profileMail('a'), internalDate: Date.now() - 86_400_000 });
    let second: UndoToken | null = null;
    let undone = 0;
    const step = (name: string): void => {
      if (name !== 'oplog.confirmed' || second === null) return;
      rig.engine.actions.undo(second.undoId);
      second = null;
      undone += 1;
    };
    const rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' }, step });
    try {
      await rig.mirror();
      const { id } = rig.rows('INBOX')[0]!;
      rig.engine.actions.setFlag([id], 'flagged', true);
      second = rig.engine.actions.setFlag([id], 'flagged', false);
      await rig.mirror();
      await rig.mirror();
      expect(undone).toBe(1);
      expect([...inbox.find(1)!.flags]).toContain('\\flagged');
      expect(rig.rows('INBOX')[0]!.isFlagged).toBe(true);
    } finally {
      await rig.close();
      await server.close();
    }
  });
});
