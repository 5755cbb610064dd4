import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Mirrors } from '../../main/engine/mirrors.ts';
import type { AccountMirror } from '../../main/engine/account-mirror.ts';
import { asAccountId, type AccountId } from '../../shared/model/ids.ts';
import { EngineRig, rigConfig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';

const ID = asAccountId(1);

/** Mirrors of which it is known how many are at work. */
function counted() {
  const seen = { made: 0, atWork: 0, most: 0 };
  const make = (_id: AccountId): AccountMirror => {
    let isAtWork = false;
    seen.made += 1;
    const start = () => {
      isAtWork = true;
      seen.atWork += 1;
      seen.most = Math.max(seen.most, seen.atWork);
    };
    const stop = async () => {
      await setTimeout(5);
      if (isAtWork) seen.atWork -= 1;
      isAtWork = false;
    };
    return { start, stop } as unknown as AccountMirror;
  };
  return { mirrors: new Mirrors(make), seen };
}

it('of one account there is one mirror, whoever begins it anew at the same time', async () => {
  const { mirrors, seen } = counted();
  const changes: number[] = [];
  await mirrors.restart(ID);
  expect(seen).toEqual({ made: 0, atWork: 0, most: 0 });
  mirrors.start([ID]);
  mirrors.start([ID]);
  await Promise.all([1, 2, 3].map((n) => mirrors.restart(ID, () => void changes.push(n + 10 * seen.atWork))));
  expect(changes).toEqual([1, 2, 3]);
  expect(seen).toEqual({ made: 4, atWork: 1, most: 1 });
  await Promise.all([mirrors.restart(ID), mirrors.remove(ID)]);
  expect([seen.atWork, seen.most, mirrors.all]).toEqual([0, 1, []]);
});

it('what cannot be changed leaves the mirror at work', async () => {
  const { mirrors, seen } = counted();
  mirrors.start([ID]);
  const refused = mirrors.restart(ID, () => {
    throw new Error('no');
  });
  await expect(refused).rejects.toThrow('no');
  expect([seen.atWork, seen.most]).toEqual([1, 1]);
  await mirrors.stop();
  await mirrors.restart(ID);
  expect(seen.atWork).toBe(0);
});

it('work that begins while an account is being added looks at its mail once', async () => {
  const [alice, bob] = [await startImapScript(), await startImapScript()];
  onTestFinished(() => Promise.all([alice.close(), bob.close()]).then(() => undefined));
  const of = (server: ImapScript) => ({ port: server.port, user: 'alice', password: 'pw-alice' });
  const rig = await EngineRig.open({ primary: of(alice) });
  onTestFinished(() => rig.close());
  const set = rig.secrets.set.bind(rig.secrets);
  let give = (): void => undefined;
  const asked = new Promise<void>((resolve) => (give = resolve));
  rig.secrets.set = async (...args) => {
    await set(...args);
    await asked;
  };
  const password = { imap: { type: 'password' as const, password: 'pw-alice' } };
  const added = rig.engine.enrol({ ...rigConfig({ primary: of(bob) }), email: 'bob@example.com' }, { primary: password, relay: null });
  await setTimeout(0);
  rig.engine.start();
  give();
  await added;
  const phases = () => rig.engine.syncStates().map((one) => one.phase);
  await expect.poll(phases).toEqual(['watching', 'watching']);
  await setTimeout(500);
  expect(bob.openConnections).toBe(1);
});
