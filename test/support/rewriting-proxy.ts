import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between client and server and passes everything on; what the server answers goes through `rewrite` while there is one. */
export class RewritingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  rewrite: ((chunk: Buffer) => Buffer) | null = null;

  private constructor(upstreamPort: number) {
    this.#server = createServer((client) => {
      const upstream = connect({ port: upstreamPort, host: '127.0.0.1' });
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          client.destroy();
          upstream.destroy();
          this.#sockets.delete(socket);
        });
      }
      client.on('data', (chunk) => upstream.write(chunk));
      upstream.on('data', (chunk) => client.write(this.rewrite ? this.rewrite(chunk) : chunk));
    });
  }

  static async start(upstreamPort: number): Promise<RewritingProxy> {
    const proxy = new RewritingProxy(upstreamPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
