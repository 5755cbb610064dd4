import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tlsIdentity, type CertificateKind } from '../support/tls.ts';

/** The code with which a verifying client ends, or 'accepted'. */
async function handshake(kind: CertificateKind): Promise<string> {
  const identity = tlsIdentity(kind);
  const server = createServer({ key: identity.key, cert: identity.cert }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: identity.ca }, () => {
        socket.destroy();
        resolve('accepted');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    server.close();
  }
}

describe('test certificates', () => {
  it.each([
    ['good', 'accepted'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['untrusted-ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)('%s ends with %s', async (kind, outcome) => {
    expect(await handshake(kind)).toBe(outcome);
  });
});
