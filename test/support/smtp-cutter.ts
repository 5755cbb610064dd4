import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SmtpCutter {
  readonly port: number;
  /** Replies to a final dot that were swallowed. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Passes SMTP on to a server, and breaks the connection when the first mail has been taken over: its reply never comes through. */
export async function startSmtpCutter(upstreamPort: number): Promise<SmtpCutter> {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    let isBodySent = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const one of [client, upstream]) {
      sockets.add(one);
      one.on('error', end).on('close', () => {
        sockets.delete(one);
        end();
      });
    }
    let tail = '';
    client.on('data', (piece) => {
      tail = (tail + piece.toString('latin1')).slice(-5);
      if (tail === '\r\n.\r\n') isBodySent = true;
      upstream.write(piece);
    });
    upstream.on('data', (piece) => {
      if (!isBodySent || cuts > 0) return void client.write(piece);
      // The server has answered, so the mail is its own now.
      cuts += 1;
      end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    close: () =>
      new Promise((resolve) => {
        for (const one of sockets) one.destroy();
        server.close(() => resolve());
      }),
  };
}
