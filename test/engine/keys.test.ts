import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { KeyringBackend } from '../../main/keys/keyring.ts';
import { Keyring } from '../../main/keys/keyring.ts';
import { openKeys, type Keys, type ReadyKeys } from '../../main/keys/open-keys.ts';
import { fromRecoveryKey, toRecoveryKey } from '../../main/keys/recovery-key.ts';
import { refuseWeak } from '../../main/keys/vault.ts';
import { openStore } from '../../main/engine/store/open.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { reportFigure } from '../support/figures.ts';

/** A keyring in memory that can be locked, missing, or wrong. */
class FakeKeyring implements KeyringBackend {
  readonly items = new Map<string, string>();
  fails: string | null = null;
  running = 0;
  peak = 0;
  writes = 0;

  async #call<T>(work: () => T): Promise<T> {
    this.running += 1;
    this.peak = Math.max(this.peak, this.running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.running -= 1;
    if (this.fails !== null) throw new Error(this.fails);
    return work();
  }
  getPassword = (_service: string, account: string) => this.#call(() => this.items.get(account) ?? null);
  setPassword = (_service: string, account: string, value: string) =>
    this.#call(() => {
      this.writes += 1;
      this.items.set(account, value);
    });
  deletePassword = (_service: string, account: string) => this.#call(() => this.items.delete(account));
}

let dir: string;
let keyring: FakeKeyring;
let cases = 0;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdover-keys-'));
  keyring = new FakeKeyring();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
afterAll(() => reportFigure('S7 key loss', { cases, newKeysOverOld: 0, filesChanged: 0 }));

const open = (mode: 'auto' | 'keyring' | 'passphrase' = 'auto', env: NodeJS.ProcessEnv = {}): Promise<Keys> =>
  openKeys({ profileDir: dir, mode, loadKeyring: () => Promise.resolve(keyring), env });

async function ready(keys: Promise<Keys> | Keys): Promise<ReadyKeys> {
  const answer = await keys;
  if (answer.status !== 'ready') throw new Error(`locked: ${answer.reason}`);
  return answer;
}

const makeStore = (key: Uint8Array) => openStore({ path: join(dir, 'mail.db'), key, clock: systemClock, log: silentLog }).close();
const digests = () =>
  readdirSync(dir)
    .filter((name) => !name.includes('.lock'))
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(dir, name)))
          .digest('hex')}`,
    );

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'no error';
  } catch (error) {
    expect(error).toBeInstanceOf(MailError);
    return (error as MailError).code;
  }
}

describe('keys of a profile', () => {
  it('are made once and found again', async () => {
    const first = await ready(open());
    makeStore(first.storeKey);
    const second = await ready(open());
    expect(second.storeKey).toEqual(first.storeKey);
    expect(keyring.writes).toBe(1);
  });

  it('keep secrets apart by account, side and service', async () => {
    const { secrets } = await ready(open());
    const secret = { type: 'password' as const, password: 'p' };
    await secrets.set(asAccountId(1), 'primary', 'imap', secret);
    expect(await secrets.get(asAccountId(1), 'primary', 'imap')).toEqual(secret);
    expect(await secrets.get(asAccountId(1), 'relay', 'imap')).toBeNull();
    expect(await secrets.get(asAccountId(2), 'primary', 'imap')).toBeNull();
    await secrets.delete(asAccountId(1), 'primary', 'imap');
    expect(await secrets.get(asAccountId(1), 'primary', 'imap')).toBeNull();
  });

  it('never ask the keyring twice at a time', async () => {
    const { secrets } = await ready(open());
    await Promise.all(Array.from({ length: 10 }, (_, n) => secrets.get(asAccountId(n + 1), 'primary', 'imap')));
    expect(keyring.peak).toBe(1);
  });
});

/** Each takes something away from a profile with a store; afterwards nothing on disk may have changed. */
describe('a profile whose key is lost (S7)', () => {
  let before: string[];
  let key: Uint8Array;
  beforeEach(async () => {
    key = (await ready(open())).storeKey;
    makeStore(key);
    before = digests();
    keyring.writes = 0;
  });
  afterEach(() => {
    cases += 1;
    expect(digests()).toEqual(before);
    expect(keyring.writes).toBe(0);
  });

  it('item missing', async () => {
    keyring.items.clear();
    expect(await codeOf(() => open())).toBe('store-key-missing');
  });
  it('keyring locked, and unlocked later', async () => {
    keyring.fails = 'Cannot get secret of a locked object';
    expect(await open()).toMatchObject({ status: 'locked', reason: 'keyring-unavailable', error: { code: 'keyring-locked' } });
    keyring.fails = null;
    expect((await ready(open())).storeKey).toEqual(key);
  });
  it('access denied', async () => {
    keyring.fails = 'User interaction is not allowed. (-25308)';
    expect(await open()).toMatchObject({ status: 'locked', reason: 'keyring-unavailable' });
  });
  it('no keyring on the machine any more', async () => {
    keyring.fails = 'The name org.freedesktop.secrets was not provided by any .service files';
    const answer = await open();
    expect(answer).toMatchObject({ status: 'locked', reason: 'keyring-unavailable', error: { code: 'keyring-unavailable' } });
    if (answer.status === 'locked') expect(await codeOf(() => answer.unlock('a long enough passphrase'))).toBe('store-key-missing');
  });
  it('keyring answers nonsense', async () => {
    for (const name of keyring.items.keys()) keyring.items.set(name, 'nonsense');
    expect(await codeOf(() => open())).toBe('store-key-missing');
  });
  it('key cut short', async () => {
    for (const [name, value] of keyring.items) keyring.items.set(name, value.slice(0, 20));
    expect(await codeOf(() => open())).toBe('store-key-missing');
  });
  it('another key in its place', async () => {
    for (const name of keyring.items.keys()) keyring.items.set(name, 'ab'.repeat(32));
    const wrong = await ready(open());
    expect(await codeOf(() => Promise.resolve().then(() => makeStore(wrong.storeKey)))).toBe('store-key-wrong');
  });
  it('store brought from another machine', async () => {
    const elsewhere = new FakeKeyring();
    expect(await codeOf(() => openKeys({ profileDir: dir, mode: 'auto', loadKeyring: () => Promise.resolve(elsewhere), env: {} }))).toBe(
      'store-key-missing',
    );
    expect(elsewhere.writes).toBe(0);
  });
  it('a second profile beside it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'holdover-keys-'));
    const keys = await ready(openKeys({ profileDir: other, mode: 'auto', loadKeyring: () => Promise.resolve(keyring), env: {} }));
    expect(keys.storeKey).not.toEqual(key);
    expect((await ready(open())).storeKey).toEqual(key);
    rmSync(other, { recursive: true, force: true });
    keyring.writes = 0;
  });
  it('keyring that never answers', async () => {
    const silent: KeyringBackend = {
      getPassword: () => new Promise(() => undefined),
      setPassword: () => Promise.resolve(),
      deletePassword: () => Promise.resolve(false),
    };
    const bounded = new Keyring('Holdover', { load: () => Promise.resolve(silent), answerMs: 20 });
    expect(await codeOf(() => bounded.get('x'))).toBe('keyring-locked');
  });
});

it('a profile file that is damaged is not replaced', async () => {
  makeStore((await ready(open())).storeKey);
  writeFileSync(join(dir, 'profile.json'), '{');
  expect(await codeOf(() => open())).toBe('store-key-missing');
  expect(readFileSync(join(dir, 'profile.json'), 'utf8')).toBe('{');
});

describe('a machine without a keyring (S8)', () => {
  beforeEach(() => {
    keyring.fails = 'Cannot autolaunch D-Bus without X11 $DISPLAY';
  });

  it('asks for a passphrase, refuses a weak one, and seals key and secrets with it', async () => {
    const locked = await open();
    if (locked.status !== 'locked') throw new Error('must be locked');
    expect(locked.reason).toBe('choose-passphrase');
    expect(existsSync(join(dir, 'vault.json'))).toBe(false);
    expect(await codeOf(() => locked.unlock('short'))).toBe('passphrase-weak');
    const keys = await ready(locked.unlock('correct horse battery'));
    await keys.secrets.set(asAccountId(1), 'primary', 'imap', { type: 'password', password: 'CANARY-pw' });
    const text = readFileSync(join(dir, 'vault.json'), 'utf8');
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(Buffer.from(keys.storeKey).toString('hex'));
    const again = await open();
    if (again.status !== 'locked') throw new Error('must be locked');
    expect(again.reason).toBe('enter-passphrase');
    expect(await codeOf(() => again.unlock('wrong passphrase!'))).toBe('passphrase-wrong');
    const unlocked = await ready(again.unlock('correct horse battery'));
    expect(unlocked.storeKey).toEqual(keys.storeKey);
    expect(await unlocked.secrets.get(asAccountId(1), 'primary', 'imap')).toEqual({ type: 'password', password: 'CANARY-pw' });
  });

  it('does not take the demo passphrase for a profile that is no demo', async () => {
    const env = { HOLDOVER_DEMO_PASSPHRASE: 'demo passphrase 1' };
    expect(await open('auto', env)).toMatchObject({ status: 'locked', reason: 'choose-passphrase' });
    writeFileSync(join(dir, 'demo-profile'), '');
    expect(await open('auto', env)).toMatchObject({ status: 'ready' });
  });
});

describe('recovery key', () => {
  it('gives the key back, however it is typed', async () => {
    const { storeKey } = await ready(open());
    const text = toRecoveryKey(storeKey);
    expect(text).toMatch(/^([0-9A-Z]{5}-){11}[0-9A-Z]$/u);
    expect(fromRecoveryKey(text)).toEqual(storeKey);
    expect(fromRecoveryKey(text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o'))).toEqual(storeKey);
  });
  it('notices a typing error at every place', async () => {
    const { storeKey } = await ready(open());
    const text = toRecoveryKey(storeKey).replaceAll('-', '');
    for (let n = 0; n < text.length; n += 1) {
      const wrong = text.slice(0, n) + (text[n] === '7' ? '8' : '7') + text.slice(n + 1);
      expect(await codeOf(() => Promise.resolve().then(() => fromRecoveryKey(wrong)))).toBe('store-key-wrong');
    }
  });
});

it.each(['', 'short', 'aaaaaaaaaaaaaaaa', 'abababababab'])('a passphrase like "%s" is weak', (text) => {
  expect(() => refuseWeak(text)).toThrow(MailError);
});
