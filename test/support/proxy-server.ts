import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** How a proxy of the tests behaves: as it should, or as one that wants a log-in, forbids, finds no server, or says nothing. */
export type ProxyMood = 'well' | 'wants-log-in' | 'forbids' | 'finds-nothing' | 'silent';

export interface ProxyServerOfTests {
  readonly url: string;
  readonly port: number;
  /** `host:port` of what it was asked to reach, names as they came. */
  readonly asked: readonly string[];
  /** Own ports of its connections to servers: whoever a server has met from another port came past the proxy. */
  readonly ownPorts: ReadonlySet<number>;
  mood: ProxyMood;
  /** Ends every tunnel and the listener. */
  close(): Promise<void>;
}

export interface ProxyOfTestsOptions {
  /** Who is let through; everybody without it. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Where a port leads instead, such as 443, which a test cannot have. */
  readonly routes?: Readonly<Record<number, number>>;
}

type Joining = ProxyOfTestsOptions & { readonly ownPorts: Set<number> };

/** Every name is this machine: whoever gets through has had it looked up here. */
function joined(client: Socket, port: number, { routes = {}, ownPorts }: Joining, answer: (isOpen: boolean) => Buffer | string): void {
  const server = connect({ host: '127.0.0.1', port: routes[port] ?? port });
  let isOpen = false;
  server.once('connect', () => {
    isOpen = true;
    ownPorts.add(server.localPort!);
    client.write(answer(true));
    client.pipe(server).pipe(client);
  });
  server.on('error', () => (isOpen ? client.destroy() : client.end(answer(false))));
  client.on('close', () => server.destroy()).on('error', () => server.destroy());
}

async function listening(speak: (client: Socket) => void): Promise<{ server: Server; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined).once('close', () => sockets.delete(client));
    speak(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

const close = ({ server, sockets }: { server: Server; sockets: Set<Socket> }) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });

/** An HTTP proxy that knows CONNECT alone; its log-in is Basic. */
export async function startConnectProxy(options: ProxyOfTestsOptions = {}): Promise<ProxyServerOfTests> {
  const asked: string[] = [];
  const ownPorts = new Set<number>();
  const { login } = options;
  const basic = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const statuses = {
    'wants-log-in': '407 Proxy Authentication Required',
    forbids: '403 Forbidden',
    'finds-nothing': '503 Service Unavailable',
  };
  const at = await listening((client) => {
    let head = '';
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      client.off('data', onData);
      client.pause();
      const [, host = '', port = ''] = /^CONNECT (.+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
      asked.push(`${host}:${port}`);
      const isKnown = basic === undefined || /^proxy-authorization: (.*)\r$/imu.exec(head)?.[1] === basic;
      const mood = isKnown ? proxy.mood : 'wants-log-in';
      if (mood === 'silent') return;
      if (mood !== 'well') return void client.end(`HTTP/1.1 ${statuses[mood]}\r\nContent-Length: 0\r\n\r\n`);
      joined(
        client,
        Number(port),
        { ...options, ownPorts },
        (isOpen) => `HTTP/1.1 ${isOpen ? '200 Connection established' : '502 Bad Gateway'}\r\n\r\n`,
      );
    };
    client.on('data', onData);
  });
  const place = { url: `http://127.0.0.1:${at.port}`, port: at.port, asked, ownPorts };
  const proxy: ProxyServerOfTests = { ...place, mood: 'well', close: () => close(at) };
  return proxy;
}

/** A SOCKS 5 proxy (RFC 1928); its log-in is user and password (RFC 1929). */
export async function startSocksProxy(options: ProxyOfTestsOptions = {}): Promise<ProxyServerOfTests> {
  const asked: string[] = [];
  const ownPorts = new Set<number>();
  const { login } = options;
  const wanted = login && `${login.user}\0${login.password}`;
  const replies = { forbids: 2, 'finds-nothing': 4 };
  const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
  const at = await listening((client) => {
    let got = Buffer.alloc(0);
    let isGreeted = false;
    let isKnown = wanted === undefined;
    const onData = (chunk: Buffer): void => {
      got = Buffer.concat([got, chunk]);
      const { mood } = proxy;
      if (mood === 'silent') return;
      if (!isGreeted) {
        if (got.length < 2 || got.length < 2 + got[1]!) return;
        const offered = got.subarray(2, 2 + got[1]!);
        got = got.subarray(2 + got[1]!);
        isGreeted = true;
        const method = mood === 'wants-log-in' ? 0xff : isKnown ? 0 : offered.includes(2) ? 2 : 0xff;
        return void client.write(Buffer.from([5, method]));
      }
      if (!isKnown) {
        const [, userLength = 0] = got;
        const passwordLength = got[2 + userLength] ?? 0;
        if (got.length < 3 + userLength || got.length < 3 + userLength + passwordLength) return;
        const words = [got.subarray(2, 2 + userLength), got.subarray(3 + userLength, 3 + userLength + passwordLength)];
        got = got.subarray(3 + userLength + passwordLength);
        isKnown = words.map(String).join('\0') === wanted;
        if (!isKnown) return void client.end(Buffer.from([1, 1]));
        return void client.write(Buffer.from([1, 0]));
      }
      const kind = got[3];
      const length = kind === 3 ? 5 + (got[4] ?? 0) : kind === 4 ? 20 : 8;
      if (got.length < length + 2) return;
      client.off('data', onData);
      client.pause();
      const host = kind === 3 ? got.subarray(5, length).toString('latin1') : got.subarray(4, length).join('.');
      const port = got.readUInt16BE(length);
      asked.push(`${host}:${port}`);
      if (mood !== 'well' && mood !== 'wants-log-in') return void client.end(reply(replies[mood]));
      joined(client, port, { ...options, ownPorts }, (isOpen) => reply(isOpen ? 0 : 5));
    };
    client.on('data', onData);
  });
  const place = { url: `socks5://127.0.0.1:${at.port}`, port: at.port, asked, ownPorts };
  const proxy: ProxyServerOfTests = { ...place, mood: 'well', close: () => close(at) };
  return proxy;
}
