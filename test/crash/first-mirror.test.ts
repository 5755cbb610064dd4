import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countDifferences, differences } from '../support/compare.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild, type EndedChild } from './run-child.ts';
import { World } from './world.ts';

const SAMPLE = 4;

let primary: Dovecot;
let relay: Dovecot;

beforeAll(async () => {
  primary = await startDovecot();
  relay = await startDovecot();
  const world = new World(await primary.connect(), await relay.connect());
  for (let i = 0; i < 40; i += 1) {
    const message = {
      id: `m${i}`,
      path: i % 4 === 0 ? 'Sent' : i % 7 === 0 ? 'Archive' : 'INBOX',
      ageDays: i / 2,
      bytes: i % 13 === 0 ? 1_500_000 : 3_000,
    };
    await world.add('primary', message);
    if (i % 2 === 0 && message.path !== 'Archive') await world.add('relay', message);
  }
  await world.primary.close();
  await world.relay.close();
});

afterAll(async () => {
  await primary.dispose();
  await relay.dispose();
});

function killedAt(dir: string, key: Buffer, crashAt: number): Promise<EndedChild> {
  const login = (server: Dovecot) => ({ port: server.imapPort, user: 'alice', password: server.user().password });
  const task = { dir, keyHex: key.toString('hex'), primary: login(primary), relay: login(relay), scenario: '', crashAt, withOurs: false };
  return runChild(childFile('mirror'), task);
}

it('a first mirror killed at any answer or commit ends equal with both servers', { timeout: isFull ? 1_200_000 : 300_000 }, async () => {
  const login = (server: Dovecot) => ({ port: server.imapPort, user: 'alice', password: server.user().password });
  const options = { primary: login(primary), relay: login(relay) };
  const enrolled = await EngineRig.open(options);
  await enrolled.engine.stop();
  const key = Buffer.from(enrolled.key);
  const fresh = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'holdover-first-'));
    cpSync(enrolled.dir, dir, { recursive: true });
    return dir;
  };
  const counted = fresh();
  const { steps, stderr } = await killedAt(counted, key, 0);
  expect(steps, stderr).toBeGreaterThan(10);
  rmSync(counted, { recursive: true, force: true });
  const all = Array.from({ length: steps }, (_, n) => n + 1);
  const chosen = isFull ? sliceOf(all) : seededRandom(seed).shuffle(all).slice(0, SAMPLE);
  const tally = newTally();
  for (const crashAt of chosen) {
    const dir = fresh();
    const killed = await killedAt(dir, key, crashAt);
    // Both sides work at once: the number of steps may vary by a few, and the last ones may not be reached.
    if (killed.signal !== 'SIGKILL') expect(killed.steps, killed.stderr).toBeLessThan(crashAt);
    const rig = await EngineRig.attach(options, { dir, key });
    await rig.mirror();
    const found = [...(await differences(rig, 'primary', primary, 'alice')), ...(await differences(rig, 'relay', relay, 'alice'))];
    tally.cases += 1;
    countDifferences(tally, found);
    expect(found, `killed at point ${crashAt}`).toEqual([]);
    await rig.engine.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  rmSync(enrolled.dir, { recursive: true, force: true });
  reportCases('I1 first mirror interrupted', tally, { points: steps, seed });
});
