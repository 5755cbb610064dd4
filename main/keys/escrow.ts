import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { MailError } from '../../shared/errors.ts';
import { fromRecoveryKey, toRecoveryKey } from './recovery-key.ts';

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/=]+$/)
  .max(2000);
/** What IT keeps of a device: nobody reads the key but who has the private half of the policy's public key. */
export const escrowSchema = z.strictObject({
  format: z.literal('holdover-escrow-1'),
  device: z.string().max(253),
  user: z.string().max(320),
  /** Name of the profile, as its keyring item has it. */
  profile: z.string().max(100),
  madeAt: z.string().max(40),
  sealed: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('RSA-OAEP-SHA256'), key: base64 }),
    z.strictObject({ by: z.literal('X25519-HKDF-AES256GCM'), sender: base64, nonce: base64, tag: base64, key: base64 }),
  ]),
});
export type Escrow = z.infer<typeof escrowSchema>;
export type EscrowLabel = Pick<Escrow, 'device' | 'user' | 'profile' | 'madeAt'>;

const LEAST_RSA_BITS = 2048;
const INFO = 'holdover escrow 1';

const wrong = (detail: string, cause?: unknown): MailError =>
  new MailError('config-invalid', { scope: 'store', retry: 'ask', detail, cause });

/** @throws MailError config-invalid: neither X25519 nor RSA of at least 2048 bits */
function publicKeyOf(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw wrong('escrow.publicKey cannot be read', cause);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'x25519' || (type === 'rsa' && (details?.modulusLength ?? 0) >= LEAST_RSA_BITS)) return key;
  throw wrong('escrow.publicKey is neither X25519 nor RSA of at least 2048 bits');
}

const RSA = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
const ownKey = (secret: Buffer): Buffer => Buffer.from(hkdfSync('sha256', secret, '', INFO, 32));

function sealX25519(key: KeyObject, storeKey: Uint8Array): Escrow['sealed'] {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', ownKey(diffieHellman({ publicKey: key, privateKey })), nonce);
  const sealed = Buffer.concat([cipher.update(storeKey), cipher.final()]).toString('base64');
  const sender = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const rest = { nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
  return { by: 'X25519-HKDF-AES256GCM', sender, ...rest, key: sealed };
}

/** Seals a store's key for IT. @throws MailError config-invalid where the public key is none of use */
export function sealForEscrow(publicKeyPem: string, storeKey: Uint8Array, label: EscrowLabel): Escrow {
  const key = publicKeyOf(publicKeyPem);
  const sealed: Escrow['sealed'] =
    key.asymmetricKeyType === 'rsa'
      ? { by: 'RSA-OAEP-SHA256', key: publicEncrypt({ key, ...RSA }, storeKey).toString('base64') }
      : sealX25519(key, storeKey);
  return { format: 'holdover-escrow-1', ...label, sealed };
}

/** The recovery key of an escrow. @throws MailError config-invalid: no escrow, or not the private key that belongs to it */
export function openEscrow(privateKeyPem: string, text: string): { recoveryKey: string } & EscrowLabel {
  const { sealed, format: _format, ...label } = parseEscrow(text);
  try {
    const privateKey = createPrivateKey(privateKeyPem);
    const storeKey =
      sealed.by === 'RSA-OAEP-SHA256'
        ? privateDecrypt({ key: privateKey, ...RSA }, Buffer.from(sealed.key, 'base64'))
        : openX25519(privateKey, sealed);
    const recoveryKey = toRecoveryKey(storeKey);
    fromRecoveryKey(recoveryKey);
    return { recoveryKey, ...label };
  } catch (cause) {
    throw wrong('the private key does not open this escrow', cause);
  }
}

function openX25519(privateKey: KeyObject, sealed: Extract<Escrow['sealed'], { by: 'X25519-HKDF-AES256GCM' }>): Buffer {
  const bytes = (value: string): Buffer => Buffer.from(value, 'base64');
  const publicKey = createPublicKey({ key: bytes(sealed.sender), type: 'spki', format: 'der' });
  const decipher = createDecipheriv('aes-256-gcm', ownKey(diffieHellman({ publicKey, privateKey })), bytes(sealed.nonce));
  decipher.setAuthTag(bytes(sealed.tag));
  return Buffer.concat([decipher.update(bytes(sealed.key)), decipher.final()]);
}

function parseEscrow(text: string): Escrow {
  try {
    return escrowSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw wrong('the file is no escrow of Holdover', cause);
  }
}
