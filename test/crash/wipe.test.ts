import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeyringBackend } from '../../main/keys/keyring.ts';
import { beginWipe, carryOutWipe, readWipeNote, type WipeStep } from '../../main/keys/wipe.ts';

const ID = 'b6a3f6f2-5f0e-4c43-9d2e-0d7b6b6f3a11';
const UNSENT = { losses: { mails: 3, drafts: 1, changes: 2 }, at: 1_700_000_000_000 };
const root = mkdtempSync(path.join(tmpdir(), 'holdover-wipe-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function profile(): string {
  const dir = mkdtempSync(path.join(root, 'profile-'));
  mkdirSync(path.join(dir, 'mail.db.packs'));
  const files = [
    'mail.db',
    'mail.db.keycheck',
    'outbox.db',
    'vault.json',
    'vault.json.replaced-2',
    'policy.sealed',
    'mail.db.packs/0.pack',
  ];
  for (const name of files) writeFileSync(path.join(dir, name), `canary of ${name}`);
  writeFileSync(path.join(dir, 'profile.json'), JSON.stringify({ id: ID }));
  writeFileSync(path.join(dir, 'unsent.json'), JSON.stringify(UNSENT));
  return dir;
}

function keyring(): { items: Map<string, string>; backend: KeyringBackend } {
  const items = new Map([`store-key:${ID}`, `secret:${ID}:1:primary:imap`, 'store-key:another'].map((name) => [name, 'x']));
  const backend: KeyringBackend = {
    getPassword: (_service, name) => Promise.resolve(items.get(name) ?? null),
    setPassword: (_service, name, value) => Promise.resolve(void items.set(name, value)),
    deletePassword: (_service, name) => Promise.resolve(items.delete(name)),
    findCredentials: () => Promise.resolve([...items.keys()].map((account) => ({ account }))),
  };
  return { items, backend };
}

/** As at a start: goes on with what is noted. */
async function restart(dir: string, backend: KeyringBackend): Promise<void> {
  const note = readWipeNote(dir);
  if (note) await carryOutWipe({ profileDir: dir, loadKeyring: () => Promise.resolve(backend) }, note);
}

describe('a remote wipe', () => {
  const steps = ['noted', 'vault', 'keyring', 'files', 'done'] as const;

  it.each(steps)('that is cut off after "%s" is ended by the next start', async (last) => {
    const dir = profile();
    const { items, backend } = keyring();
    const seen: string[] = [];
    const step: WipeStep = (name) => {
      seen.push(name);
      if (name === last) throw new Error('killed');
    };
    const options = { profileDir: dir, loadKeyring: () => Promise.resolve(backend), step };
    const run = async (): Promise<unknown> => carryOutWipe(options, beginWipe(options, 'order 1', '/srv/reports', 1));
    await expect(run()).rejects.toThrow('killed');
    expect(seen).toEqual(steps.slice(0, steps.indexOf(last) + 1));
    // Files never go before the keys.
    if (!existsSync(path.join(dir, 'mail.db'))) expect(items.has(`store-key:${ID}`)).toBe(false);

    await restart(dir, backend);
    expect(readdirSync(dir)).toEqual(['wipe.json']);
    expect([...items.keys()]).toEqual(['store-key:another']);
    expect(readWipeNote(dir)).toMatchObject({
      order: 'order 1',
      areKeysGone: true,
      areFilesGone: true,
      left: [],
      unsent: UNSENT,
      isReported: false,
    });
  });

  it('goes on without a keyring that does not answer, says so, and comes back for its items', async () => {
    const dir = profile();
    const { items, backend } = keyring();
    const options = { profileDir: dir, loadKeyring: () => Promise.reject<KeyringBackend>(new Error('locked')) };
    const note = await carryOutWipe(options, beginWipe(options, 'order 1', null, 1));
    expect(note).toMatchObject({ areKeysGone: false, areFilesGone: true });
    expect(items.size).toBe(3);
    await restart(dir, backend);
    expect([...items.keys()]).toEqual(['store-key:another']);
    expect(readWipeNote(dir)).toMatchObject({ areKeysGone: true });
  });
});
