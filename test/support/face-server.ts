import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Link } from './imap-proxy/link.ts';

export interface FaceServer {
  readonly port: number;
  /** With every connection that still stands. */
  close(): Promise<void>;
}

/** Listens before the server on `upstreamPort`; each connection to it is given to `onLink`, which passes on what it wants. */
export async function startFaceServer(upstreamPort: number, onLink: (link: Link) => void): Promise<FaceServer> {
  const sockets = new Set<Socket>();
  const server = createServer((tcp) => {
    const upstream = connect({ port: upstreamPort, host: '127.0.0.1' });
    for (const socket of [tcp, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    onLink(new Link({ stream: tcp, tcp }, upstream, () => 0));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
