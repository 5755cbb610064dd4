import { generateKeyPairSync, randomBytes, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEscrow, sealForEscrow } from '../../main/keys/escrow.ts';
import { toRecoveryKey } from '../../main/keys/recovery-key.ts';
import { fileWord, handIn } from '../../main/policy/hand-in.ts';

const pem = ({ publicKey, privateKey }: KeyPairKeyObjectResult): { publicKey: string; privateKey: string } => ({
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});
const x25519 = () => pem(generateKeyPairSync('x25519'));
const rsa = (modulusLength: number) => pem(generateKeyPairSync('rsa', { modulusLength }));
const label = { device: 'LAPTOP-1', user: 'anna', profile: 'p', madeAt: '2026-11-28T20:00:00.000Z' };

describe('a recovery key in escrow', () => {
  const storeKey = new Uint8Array(randomBytes(32));

  it.each([
    ['X25519', x25519()],
    ['RSA', rsa(2048)],
  ])('is read with the private key alone: %s', (_name, { publicKey, privateKey }) => {
    const text = JSON.stringify(sealForEscrow(publicKey, storeKey, label));
    expect(openEscrow(privateKey, text)).toEqual({ ...label, recoveryKey: toRecoveryKey(storeKey) });
    expect(text).not.toContain(Buffer.from(storeKey).toString('base64'));
    // Another key of the same kind, and another kind.
    for (const other of [x25519(), rsa(2048)]) expect(() => openEscrow(other.privateKey, text)).toThrow('does not open');
  });

  it('is refused where it was changed', () => {
    const { publicKey, privateKey } = x25519();
    const escrow = sealForEscrow(publicKey, storeKey, label);
    for (const field of ['key', 'tag', 'nonce'] as const) {
      const sealed = { ...escrow.sealed, [field]: randomBytes(field === 'key' ? 32 : field === 'tag' ? 16 : 12).toString('base64') };
      expect(() => openEscrow(privateKey, JSON.stringify({ ...escrow, sealed }))).toThrow('does not open');
    }
    expect(() => openEscrow(privateKey, '{}')).toThrow('no escrow');
  });

  it('is not sealed by a key that is too weak or of another kind', () => {
    expect(() => sealForEscrow(rsa(1024).publicKey, storeKey, label)).toThrow('neither X25519 nor RSA');
    expect(() => sealForEscrow(pem(generateKeyPairSync('ed25519')).publicKey, storeKey, label)).toThrow('neither X25519 nor RSA');
    expect(() => sealForEscrow('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', storeKey, label)).toThrow('cannot be read');
  });

  it('is put into a folder whole, in the place of an older one', async () => {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'holdover-escrow-')), 'new');
    const name = `${fileWord('LAPTOP 1/../x')}.json`;
    await handIn(folder, name, 'first');
    await handIn(folder, name, 'second');
    expect(readdirSync(folder)).toEqual(['LAPTOP-1-..-x.json']);
    expect(readFileSync(path.join(folder, name), 'utf8')).toBe('second');
    expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    await expect(handIn(blocked, name, 'third')).rejects.toThrow();
    rmSync(path.dirname(folder), { recursive: true });
  });
});
