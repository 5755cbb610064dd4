import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { openKeys, type Keys, type LockedKeys, type ReadyKeys } from '../../main/keys/open-keys.ts';
import { toRecoveryKey } from '../../main/keys/recovery-key.ts';
import { readUnsentNote, setAsideStore } from '../../main/keys/set-aside.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { FakeKeyring } from '../support/fake-keyring.ts';
import { reportFigure } from '../support/figures.ts';
import { failureCodeOf } from '../support/error-code.ts';

const CASES = 10;
const PASSPHRASE = 'correct horse battery';
const NOBODY = 65_534;
const PLAIN_HEADER = 'SQLite format 3\0';
const LOCKED = 'Cannot get secret of a locked object';
const DENIED = 'User interaction is not allowed. (-25308)';
const NO_SERVICE = 'The name org.freedesktop.secrets was not provided by any .service files';

let passed = 0;
afterAll(() => {
  reportFigure('S7 key loss', { passed: `${passed}/${CASES}` });
  expect(passed).toBe(CASES);
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdover-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const open = (dir: string, keyring: FakeKeyring, mode: 'auto' | 'passphrase' = 'auto'): Promise<Keys> =>
  openKeys({ profileDir: dir, mode, loadKeyring: () => Promise.resolve(keyring), env: {} });

function readyOf(keys: Keys): ReadyKeys {
  if (keys.status !== 'ready') throw new Error(`locked: ${keys.reason}`);
  return keys;
}
function lockedOf(keys: Keys): LockedKeys {
  if (keys.status !== 'locked') throw new Error('must be locked');
  return keys;
}

const stores = (dir: string, key: Uint8Array) => openProfileStores({ dir, key, clock: systemClock, log: silentLog });
const setNote = "INSERT INTO meta (key, value) VALUES ('note', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/** Both stores, with a row each. */
function makeStores(dir: string, key: Uint8Array): void {
  const { handle, outboxHandle } = stores(dir, key);
  for (const one of [handle, outboxHandle]) {
    one.db.prepare(setNote).run('kept');
    one.close();
  }
}

function notesOf(dir: string, key: Uint8Array): unknown[] {
  const { handle, outboxHandle } = stores(dir, key);
  try {
    return [handle, outboxHandle].map((one) => one.db.prepare("SELECT value FROM meta WHERE key = 'note'").pluck().get());
  } finally {
    handle.close();
    outboxHandle.close();
  }
}

const filesOf = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(dir, name)).isFile());
/** SHA-256 of every file that holds a store, a key or what leads to it. */
function digestsOf(dir: string): string[] {
  const names = filesOf(dir).filter((name) => !name.endsWith('.lock'));
  return names.sort().map((name) => `${name} ${createHash('sha256').update(readFileSync(join(dir, name))).digest('hex')}`); // prettier-ignore
}

/** Each takes something away from a profile with both stores; nothing on disk or in the keyring may change, and putting it back helps. */
describe('a profile whose key is lost (S7)', () => {
  let dir: string;
  let keyring: FakeKeyring;
  let key: Uint8Array;
  let recoveryKey: string;
  let before: string[];
  let items: [string, string][];

  beforeEach(async () => {
    dir = newFolder();
    keyring = new FakeKeyring();
    key = readyOf(await open(dir, keyring)).storeKey;
    recoveryKey = toRecoveryKey(key);
    makeStores(dir, key);
    before = digestsOf(dir);
    items = [...keyring.items];
    keyring.writes = 0;
  });
  afterEach(async ({ task }) => {
    expect(digestsOf(dir)).toEqual(before);
    expect(keyring.writes).toBe(0);
    expect(existsSync(join(dir, 'vault.json'))).toBe(before.some((line) => line.startsWith('vault.json ')));
    for (const name of filesOf(dir)) expect(readFileSync(join(dir, name)).subarray(0, 16).toString('latin1'), name).not.toBe(PLAIN_HEADER);
    if (task.result?.state !== 'fail') passed += 1;
  });

  const putBack = () => {
    keyring.items.clear();
    for (const [name, value] of items) keyring.items.set(name, value);
    keyring.fails = null;
  };
  /** Asking again once it was put right opens the same stores. */
  async function retryWorks(): Promise<void> {
    putBack();
    const again = readyOf(await open(dir, keyring));
    expect(again.storeKey).toEqual(key);
    await untouchedBy(dir, (copy) => expect(notesOf(copy, again.storeKey)).toEqual(['kept', 'kept']));
  }
  /** The same on a copy of the profile: opening a store properly writes into it. */
  async function untouchedBy(from: string, work: (copy: string) => Promise<void> | void): Promise<void> {
    const copy = newFolder();
    cpSync(from, copy, { recursive: true });
    await work(copy);
  }
  async function recoveryKeyWorks(answerOf: (copy: string) => Promise<Keys>, passphrase: string | null = null): Promise<void> {
    await untouchedBy(dir, async (copy) => {
      const recovered = await (await answerOf(copy)).recover(recoveryKey, passphrase);
      expect(recovered.storeKey).toEqual(key);
      expect(notesOf(copy, recovered.storeKey)).toEqual(['kept', 'kept']);
      const next = await answerOf(copy);
      const opened = passphrase === null ? next : await lockedOf(next).unlock(passphrase);
      expect(readyOf(opened).storeKey).toEqual(key);
    });
    keyring.writes = 0;
  }

  it('1: item missing', async () => {
    keyring.items.clear();
    expect(await open(dir, keyring)).toMatchObject({ status: 'locked', reason: 'key-lost', error: { code: 'store-key-missing' } });
    expect(keyring.items.size).toBe(0);
    await recoveryKeyWorks((copy) => open(copy, keyring));
    await retryWorks();
  });

  it('2: keyring locked', async () => {
    keyring.fails = LOCKED;
    const answer = lockedOf(await open(dir, keyring));
    expect(answer).toMatchObject({ reason: 'keyring-unavailable', error: { code: 'keyring-locked' } });
    expect(await failureCodeOf(() => answer.unlock(PASSPHRASE))).toBe('store-key-missing');
    await retryWorks();
  });

  it('3: access denied', async () => {
    keyring.fails = DENIED;
    expect(await open(dir, keyring)).toMatchObject({ status: 'locked', reason: 'keyring-unavailable', error: { code: 'keyring-locked' } });
    await retryWorks();
  });

  it('4: wrong', async () => {
    for (const damaged of ['nonsense', 'ab'.repeat(10)]) {
      for (const name of keyring.items.keys()) keyring.items.set(name, damaged);
      expect(await open(dir, keyring)).toMatchObject({ status: 'locked', reason: 'key-lost', error: { code: 'store-key-missing' } });
    }
    const other = 'ab'.repeat(32);
    for (const name of keyring.items.keys()) keyring.items.set(name, other);
    const wrong = readyOf(await open(dir, keyring));
    expect(await failureCodeOf(() => stores(dir, wrong.storeKey))).toBe('store-key-wrong');
    expect(await failureCodeOf(() => wrong.recover(toRecoveryKey(wrong.storeKey), null))).toBe('recovery-key-wrong');
    await recoveryKeyWorks((copy) => open(copy, keyring));
    // What was in its place is kept under another name.
    expect([...keyring.items.values()]).toContain(other);
    await retryWorks();
  });

  it('5: backend changed', async () => {
    const other = new FakeKeyring();
    expect(await open(dir, other)).toMatchObject({ status: 'locked', reason: 'key-lost' });
    expect(other.writes).toBe(0);
    await recoveryKeyWorks((copy) => open(copy, other));
    await retryWorks();
  });

  it('6: basic_text, no keyring at all', async () => {
    keyring.fails = NO_SERVICE;
    const answer = lockedOf(await open(dir, keyring));
    expect(answer).toMatchObject({ reason: 'keyring-unavailable', error: { code: 'keyring-unavailable' } });
    expect(await failureCodeOf(() => answer.unlock(PASSPHRASE))).toBe('store-key-missing');
    expect(await failureCodeOf(() => answer.recover(recoveryKey, 'short'))).toBe('passphrase-weak');
    await recoveryKeyWorks((copy) => open(copy, keyring), PASSPHRASE);
    await retryWorks();
  });

  it('7: wrapped key truncated', async () => {
    const vault = join(dir, 'vault.json');
    const sealed = newFolder();
    const made = readyOf(await lockedOf(await open(sealed, keyring, 'passphrase')).unlock(PASSPHRASE));
    makeStores(sealed, made.storeKey);
    rmSync(dir, { recursive: true });
    cpSync(sealed, dir, { recursive: true });
    key = made.storeKey;
    recoveryKey = toRecoveryKey(key);
    const whole = readFileSync(vault);
    for (const length of [0, 1, Math.floor(whole.length / 2), whole.length - 1]) {
      writeFileSync(vault, whole);
      truncateSync(vault, length);
      const cut = digestsOf(dir);
      expect(await failureCodeOf(async () => lockedOf(await open(dir, keyring)).unlock(PASSPHRASE))).toBe('vault-damaged');
      expect(digestsOf(dir)).toEqual(cut);
    }
    await recoveryKeyWorks((copy) => open(copy, keyring), 'another long passphrase');
    writeFileSync(vault, whole);
    before = digestsOf(dir);
    expect(readyOf(await lockedOf(await open(dir, keyring)).unlock(PASSPHRASE)).storeKey).toEqual(key);
  });

  it('8: store from another machine', async () => {
    const elsewhere = new FakeKeyring();
    await untouchedBy(dir, async (copy) => {
      expect(await open(copy, elsewhere)).toMatchObject({ status: 'locked', reason: 'key-lost', error: { code: 'store-key-missing' } });
      // Only the stores were carried over.
      rmSync(join(copy, 'profile.json'));
      expect(await open(copy, elsewhere)).toMatchObject({ status: 'locked', reason: 'key-lost', error: { code: 'store-key-missing' } });
      expect(existsSync(join(copy, 'profile.json'))).toBe(false);
      expect(elsewhere.writes).toBe(0);
      const recovered = await lockedOf(await open(copy, elsewhere)).recover(recoveryKey, null);
      expect(notesOf(copy, recovered.storeKey)).toEqual(['kept', 'kept']);
      expect(readyOf(await open(copy, elsewhere)).storeKey).toEqual(key);
      elsewhere.items.clear();
    });
    await recoveryKeyWorks((copy) => open(copy, elsewhere));
    await retryWorks();
  });

  it('9: two profiles', async () => {
    const other = newFolder();
    const theirs = readyOf(await open(other, keyring));
    makeStores(other, theirs.storeKey);
    expect(theirs.storeKey).not.toEqual(key);
    keyring.writes = 0;
    // The stores of one in the folder of the other: neither key is taken for the other's.
    await untouchedBy(other, async (mixed) => {
      for (const name of readdirSync(dir).filter((one) => /^(mail|outbox)\.db/u.test(one)))
        cpSync(join(dir, name), join(mixed, name), { recursive: true });
      const mixedBefore = digestsOf(mixed);
      expect(await failureCodeOf(async () => stores(mixed, readyOf(await open(mixed, keyring)).storeKey))).toBe('store-key-wrong');
      expect(digestsOf(mixed)).toEqual(mixedBefore);
    });
    expect(await failureCodeOf(async () => readyOf(await open(dir, keyring)).recover(toRecoveryKey(theirs.storeKey), null))).toBe(
      'recovery-key-wrong',
    );
    expect(readyOf(await open(dir, keyring)).storeKey).toEqual(key);
    expect(keyring.writes).toBe(0);
  });

  it('10: key file read-only', async () => {
    const sealed = newFolder();
    const made = readyOf(await lockedOf(await open(sealed, keyring, 'passphrase')).unlock(PASSPHRASE));
    makeStores(sealed, made.storeKey);
    const files = filesOf(sealed).map((name) => join(sealed, name));
    const sealedBefore = digestsOf(sealed);
    const isRoot = process.geteuid?.() === 0;
    for (const path of [...files, sealed]) {
      if (isRoot) chownSync(path, NOBODY, NOBODY);
      chmodSync(path, path === sealed ? 0o500 : 0o400);
    }
    // The rights of files mean nothing to root.
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      const opened = readyOf(await lockedOf(await open(sealed, keyring)).unlock(PASSPHRASE));
      expect(opened.storeKey).toEqual(made.storeKey);
      const secret = { type: 'password' as const, password: 'p' };
      expect(await failureCodeOf(() => opened.secrets.set(asAccountId(1), 'primary', 'imap', secret))).toBe('store-read-only');
      expect(await opened.secrets.get(asAccountId(1), 'primary', 'imap')).toBeNull();
      expect(
        await failureCodeOf(async () =>
          lockedOf(await open(sealed, keyring)).recover(toRecoveryKey(made.storeKey), 'another long passphrase'),
        ),
      ).toBe('store-read-only');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(sealed, 0o700);
    }
    expect(digestsOf(sealed)).toEqual(sealedBefore);
  });
});

describe('a store that is given up', () => {
  it('is set aside as it is, begins anew, and opens when its key turns up', async () => {
    const dir = newFolder();
    const keyring = new FakeKeyring();
    const { storeKey } = readyOf(await open(dir, keyring));
    makeStores(dir, storeKey);
    writeFileSync(join(dir, 'settings.json'), '{}');
    const note = { losses: { mails: 2, drafts: 1, changes: 0 }, at: 1 };
    writeFileSync(join(dir, 'unsent.json'), JSON.stringify(note));
    expect(readUnsentNote(dir)).toEqual(note);
    const before = digestsOf(dir).filter((line) => !line.startsWith('settings.json'));
    const folder = setAsideStore(dir, Date.UTC(2026, 0, 2, 3, 4, 5));
    expect(folder).toBe(join(dir, 'set-aside-2026-01-02T03-04-05'));
    expect(digestsOf(folder)).toEqual(before);
    expect(readdirSync(dir).filter((name) => !name.endsWith('.lock'))).toEqual(['set-aside-2026-01-02T03-04-05', 'settings.json']);
    expect(readUnsentNote(dir)).toBeNull();

    const anew = readyOf(await open(dir, keyring));
    expect(anew.storeKey).not.toEqual(storeKey);
    makeStores(dir, anew.storeKey);
    // A whole profile: the keyring still knows it by its name.
    expect(readyOf(await open(folder, keyring)).storeKey).toEqual(storeKey);
    const lost = lockedOf(await open(folder, new FakeKeyring()));
    expect((await lost.recover(toRecoveryKey(storeKey), null)).storeKey).toEqual(storeKey);
    expect(notesOf(folder, storeKey)).toEqual(['kept', 'kept']);
  });

  it('is set aside whole when it was cut short by a kill', async () => {
    const dir = newFolder();
    const keyring = new FakeKeyring();
    const { storeKey } = readyOf(await open(dir, keyring));
    makeStores(dir, storeKey);
    const before = digestsOf(dir);
    const names = before.map((line) => line.split(' ')[0] as string).filter((name) => !name.includes('/'));
    for (let moved = 0; moved <= names.length; moved += 1) {
      const copy = newFolder();
      cpSync(dir, copy, { recursive: true });
      const partial = join(copy, 'set-aside.partial');
      mkdirSync(partial);
      for (const name of names.slice(0, moved)) renameSync(join(copy, name), join(partial, name));
      expect(digestsOf(setAsideStore(copy, 0))).toEqual(before);
    }
  });

  it.each(['', '{', '{"losses":{"mails":-1,"drafts":0,"changes":0},"at":1}', 'null'])('has no figures where the note says %j', (text) => {
    const dir = newFolder();
    writeFileSync(join(dir, 'unsent.json'), text);
    expect(readUnsentNote(dir)).toBeNull();
  });
});
