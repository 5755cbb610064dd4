import { createSocket } from 'node:dgram';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { tlsIdentity, type CertificateKind } from './tls.ts';

export interface HttpsReceiver {
  readonly url: string;
  /** Bodies that were taken, with the path. */
  readonly taken: { readonly path: string; readonly type: string | undefined; readonly body: string }[];
  /** What is answered; null for no answer at all. */
  status: number | null;
  close(): Promise<void>;
}

/** A server of the company's that takes POSTs, under a private authority. */
export async function startHttpsReceiver(kind: CertificateKind = 'good'): Promise<HttpsReceiver> {
  const { key, cert } = tlsIdentity(kind);
  const taken: HttpsReceiver['taken'] = [];
  const server = createHttps({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (receiver.status === null) return void request.socket.destroy();
      const isTaken = receiver.status < 300 && request.method === 'POST';
      if (isTaken)
        taken.push({ path: request.url ?? '', type: request.headers['content-type'], body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(receiver.status, receiver.status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const receiver: HttpsReceiver = { url: `https://localhost:${(server.address() as AddressInfo).port}`, taken, status: 204, close };
  return receiver;
}

export interface SyslogReceiver {
  readonly url: string;
  /** Messages, taken out of their frames. */
  readonly messages: string[];
  close(): Promise<void>;
}

/** Takes octet-counted frames (RFC 6587 3.4.1) apart; fails loudly on anything else. */
function framesOf(socket: Socket, messages: string[]): void {
  let held = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let match = /^(\d+) /u.exec(held.toString('latin1')); match; match = /^(\d+) /u.exec(held.toString('latin1'))) {
      const from = match[0].length;
      const to = from + Number(match[1]);
      if (held.length < to) return;
      messages.push(held.subarray(from, to).toString('utf8'));
      held = held.subarray(to);
    }
    if (held.length > 0 && !/^\d+ ?/u.test(held.toString('latin1'))) messages.push('no frame');
  });
}

/** A syslog server by one of the three ways. */
export async function startSyslogReceiver(protocol: 'udp' | 'tcp' | 'tls'): Promise<SyslogReceiver> {
  const messages: string[] = [];
  if (protocol === 'udp') {
    const socket = createSocket('udp4');
    socket.on('message', (message) => messages.push(message.toString('utf8')));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return {
      url: `udp://127.0.0.1:${socket.address().port}`,
      messages,
      close: () => new Promise((resolve) => socket.close(() => resolve())),
    };
  }
  const take = (socket: Socket): void => framesOf(socket, messages);
  const { key, cert } = tlsIdentity();
  const server = protocol === 'tls' ? createTls({ key, cert }, take) : createTcp(take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${protocol}://localhost:${(server.address() as AddressInfo).port}`;
  return { url, messages, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
