import { createInterface } from 'node:readline/promises';
import { Writable, type Readable } from 'node:stream';
import { readSecretFile } from '../cli/read-secret-file.ts';
import { Keyring } from '../keys/keyring.ts';
import { packError } from '../../shared/errors.ts';
import { AdminError } from './admin-error.ts';
import type { DirectoryConfig } from './rollout-config.ts';

export interface SecretPlaces {
  readonly keyring: Pick<Keyring, 'get' | 'set'>;
  readonly env: NodeJS.ProcessEnv;
  readonly ask: (question: string) => Promise<string>;
}

export const systemSecretPlaces = (): SecretPlaces => ({ keyring: new Keyring('Holdover'), env: process.env, ask: askUnseen });

const itemOf = ({ url, bindDn }: DirectoryConfig): string => `directory:${url}:${bindDn}`;

/** Reads one line from the terminal without showing it, or from what is piped in; empty where that ends without one. */
export async function askUnseen(question: string, input: NodeJS.ReadStream | Readable = process.stdin): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: 'isTTY' in input && input.isTTY === true });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(''), ended]);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** The password of the directory account. @throws AdminError config-invalid naming the place, directory-login-refused */
export async function bindSecret(config: DirectoryConfig, { keyring, env, ask }: SecretPlaces): Promise<string> {
  const { secret } = config;
  const found = await read();
  if (found) return found;
  // A log-in without a password is anonymous and succeeds (RFC 4513 5.1.2): what it reads would pass for the whole directory.
  throw new AdminError('config-invalid', `directory.secret: nothing in ${secret.from === 'env' ? `$${secret.name}` : secret.from}`);

  async function read(): Promise<string | null | undefined> {
    try {
      if (secret.from === 'keyring') return await keyring.get(itemOf(config));
      if (secret.from === 'file') return readSecretFile(secret.path);
    } catch (error) {
      const { code, detail } = packError(error);
      throw new AdminError('config-invalid', `directory.secret: ${code} ${detail}`.trim(), error);
    }
    return secret.from === 'env' ? env[secret.name] : ask(`password of ${config.bindDn}: `);
  }
}

/** Keeps the password in the keyring of the user who runs the rollout. @throws AdminError config-invalid */
export async function keepBindSecret(config: DirectoryConfig, { keyring, ask }: SecretPlaces): Promise<void> {
  const text = await ask(`password of ${config.bindDn}: `);
  if (text === '') throw new AdminError('config-invalid', 'directory.secret: no password was given');
  await keyring.set(itemOf(config), text);
}
