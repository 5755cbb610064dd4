import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server that stands for every foreign host and counts what reaches it. */
export interface HostileServer {
  readonly origin: string;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startHostileServer(): Promise<HostileServer> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.setHeader('access-control-allow-origin', '*');
    response.end('<!doctype html><title>hostile</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
