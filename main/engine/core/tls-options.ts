import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { ProxyFinder } from './proxy/proxy-finder.ts';
import { canBeRead, certificatesIn, trustedContext } from './trusted-authorities.ts';

const MAX_CA_BYTES = 4 * 1024 * 1024;

/** Certificates of a PEM file. @throws MailError ca-file-unreadable */
export function readCaFile(path: string, side?: Side): string {
  const fail = (detail: string, cause?: unknown): MailError =>
    new MailError('ca-file-unreadable', { scope: 'account', retry: 'ask', detail, cause, ...(side ? { side } : {}) });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fail((error as NodeJS.ErrnoException).code ?? '', error);
  }
  if (text.length > MAX_CA_BYTES) throw fail('too large');
  const certificates = certificatesIn(text);
  if (certificates.length === 0) throw fail('no certificate in it');
  if (!certificates.every(canBeRead)) throw fail('a certificate in it cannot be read');
  return text;
}

/** What of an endpoint says whom it trusts. */
type Trusting = Pick<Endpoint, 'caFile'> & Partial<Pick<Endpoint, 'security'>>;

/** The endpoint, trusting the company's own authorities where it names none itself and there is TLS at all. */
export async function withCompanyCa<T extends Trusting>(endpoint: T, proxies: ProxyFinder | undefined): Promise<T> {
  if (endpoint.caFile !== undefined || endpoint.security === 'plain') return endpoint;
  const caFile = await proxies?.caFile?.();
  return caFile === undefined ? endpoint : { ...endpoint, caFile };
}

/**
 * How a server proves who it is: by the bundled authorities, the machine's, and the company's own; TLS 1.2 at least. Without TLS none are
 * read: to read some hundred takes longer than to log in.
 * @throws MailError ca-file-unreadable
 */
export function tlsOptions({ caFile, security }: Trusting, side?: Side): ConnectionOptions {
  const strict = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;
  if (security === 'plain') return strict;
  const own = caFile === undefined ? [] : [readCaFile(caFile, side)];
  return { ...trustedContext(own), ...strict };
}
