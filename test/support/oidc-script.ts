import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
}
export type ScriptedAnswer = (response: ServerResponse, request: ScriptedRequest, nth: number) => void;

/** A provider that answers as a test says, path by path; what is not said it answers as a right one would. */
export interface OidcScript {
  readonly issuer: string;
  readonly requests: readonly ScriptedRequest[];
  close(): Promise<void>;
}

export const json =
  (body: unknown, status = 200): ScriptedAnswer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

function read(request: IncomingMessage): Promise<ScriptedRequest> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      resolve({ method: request.method ?? '', path: (request.url ?? '').split('?')[0] ?? '', form });
    });
  });
}

/** @param metadata changes what `/.well-known/openid-configuration` says */
export async function startOidcScript(
  answers: Readonly<Record<string, ScriptedAnswer>> = {},
  metadata: (right: Record<string, unknown>) => Record<string, unknown> = (right) => right,
): Promise<OidcScript> {
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  let issuer = '';
  const usual: Record<string, ScriptedAnswer> = {
    '/.well-known/openid-configuration': (response, request, nth) =>
      json(
        metadata({
          ...{ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` },
          ...{ device_authorization_endpoint: `${issuer}/device/auth`, response_types_supported: ['code'] },
        }),
      )(response, request, nth),
    '/device/auth': (response, request, nth) =>
      json({ device_code: 'device', user_code: 'ABCD-EFGH', verification_uri: `${issuer}/device`, expires_in: 600, interval: 1 })(
        response,
        request,
        nth,
      ),
  };
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      requests.push(one);
      const nth = requests.filter(({ path }) => path === one.path).length;
      (answers[one.path] ?? usual[one.path] ?? json({ error: 'invalid_request' }, 404))(response, one, nth);
    });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
