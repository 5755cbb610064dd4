import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { nextTurn } from '../core/clock.ts';

interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly servername?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

/**
 * imapflow's way to a server, for a tunnel that stands. Its own option for proxies would keep what the proxy said to itself: whether it is
 * gone, refuses, or finds no server. TLS is the one that is made without a proxy, with the server's name and our certificates.
 */
export function tunnelTransport(tunnel: Socket) {
  const secured = ({ host, port, servername, tls }: Wanted, socket: Duplex, done: () => void): Socket =>
    connectTls({ ...tls, host, port, socket, ...(servername === undefined ? {} : { servername }) }, done);
  return {
    connect: (wanted: Wanted & { secure: boolean }, done: () => void): Socket => {
      if (wanted.secure) return secured(wanted, tunnel, done);
      void nextTurn().then(done);
      return tunnel;
    },
    upgrade: (socket: Duplex, wanted: Wanted, done: () => void): Socket => secured(wanted, socket, done),
  };
}
