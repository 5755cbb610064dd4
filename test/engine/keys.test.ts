import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { Keyring, type KeyringBackend } from '../../main/keys/keyring.ts';
import { openKeys, type Keys, type ReadyKeys } from '../../main/keys/open-keys.ts';
import { fromRecoveryKey, toRecoveryKey } from '../../main/keys/recovery-key.ts';
import { refuseWeak } from '../../main/keys/vault.ts';
import { openStore } from '../../main/engine/store/open.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { FakeKeyring } from '../support/fake-keyring.ts';
import { failureCodeOf } from '../support/error-code.ts';

let dir: string;
let keyring: FakeKeyring;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdover-keys-'));
  keyring = new FakeKeyring();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (mode: 'auto' | 'keyring' | 'passphrase' = 'auto', env: NodeJS.ProcessEnv = {}): Promise<Keys> =>
  openKeys({ profileDir: dir, mode, loadKeyring: () => Promise.resolve(keyring), env });

async function ready(keys: Promise<Keys> | Keys): Promise<ReadyKeys> {
  const answer = await keys;
  if (answer.status !== 'ready') throw new Error(`locked: ${answer.reason}`);
  return answer;
}

const makeStore = (key: Uint8Array) => openStore({ path: join(dir, 'mail.db'), key, clock: systemClock, log: silentLog }).close();
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

it('a profile file that is damaged is not replaced', async () => {
  makeStore((await ready(open())).storeKey);
  writeFileSync(join(dir, 'profile.json'), '{');
  expect(await open()).toMatchObject({ status: 'locked', reason: 'key-lost', error: { code: 'store-key-missing' } });
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
    expect(await failureCodeOf(() => locked.unlock('short'))).toBe('passphrase-weak');
    const keys = await ready(locked.unlock('correct horse battery'));
    await keys.secrets.set(asAccountId(1), 'primary', 'imap', { type: 'password', password: 'CANARY-pw' });
    const text = readFileSync(join(dir, 'vault.json'), 'utf8');
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(Buffer.from(keys.storeKey).toString('hex'));
    const again = await open();
    if (again.status !== 'locked') throw new Error('must be locked');
    expect(again.reason).toBe('enter-passphrase');
    expect(await failureCodeOf(() => again.unlock('wrong passphrase!'))).toBe('passphrase-wrong');
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

it('a keyring that never answers counts as locked', async () => {
  const silent: KeyringBackend = {
    getPassword: () => new Promise(() => undefined),
    setPassword: () => Promise.resolve(),
    deletePassword: () => Promise.resolve(false),
  };
  const bounded = new Keyring('Holdover', { load: () => Promise.resolve(silent), answerMs: 20 });
  expect(await failureCodeOf(() => bounded.get('x'))).toBe('keyring-locked');
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
      expect(await failureCodeOf(() => Promise.resolve().then(() => fromRecoveryKey(wrong)))).toBe('recovery-key-wrong');
    }
  });
});

it.each(['', 'short', 'aaaaaaaaaaaaaaaa', 'abababababab'])('a passphrase like "%s" is weak', (text) => {
  expect(() => refuseWeak(text)).toThrow(MailError);
});
