import { isIPv4, isIPv6, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { MailError, type ErrorCode } from '../../../../shared/errors.ts';
import { bareHost } from '../server-identity.ts';
import type { ProxyLogin } from './proxy-finder.ts';
import { readPart } from './read-part.ts';

/** Where a tunnel leads. A name goes to the proxy as a name: it is looked up there, and nowhere else. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

/** What is asked of a proxy, and as whom. */
type Asked = TunnelTarget & { readonly login?: ProxyLogin | undefined };

const proxyError = (code: ErrorCode, detail: string): MailError =>
  new MailError(code, { scope: 'connection', retry: code === 'proxy-refused' ? 'ask' : 'later', detail });

/** As it stands on the wire: no brackets, ASCII, nothing that could end a line. @throws MailError dns-failed */
function wireHost(host: string): string {
  const bare = bareHost(host);
  if (isIPv6(bare)) return bare;
  const name = domainToASCII(bare);
  if (/^[A-Za-z0-9._-]{1,253}$/.test(name)) return name;
  throw new MailError('dns-failed', { scope: 'connection', retry: 'later', detail: 'no host name' });
}

const HEAD_END = '\r\n\r\n';
const endOfHead = (got: Buffer): number => {
  const at = got.indexOf(HEAD_END);
  return at < 0 ? 0 : at + HEAD_END.length;
};

/** Basic (RFC 7617), the scheme that every proxy with a log-in of its own knows. */
const logInLine = ({ user, password }: ProxyLogin): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;

/** CONNECT (RFC 9110 9.3.6). @throws MailError proxy-refused, proxy-cannot-reach; the socket's error */
export async function askConnect(socket: Socket, { host, port, login }: Asked, signal: AbortSignal): Promise<void> {
  const name = wireHost(host);
  const authority = `${isIPv6(name) ? `[${name}]` : name}:${port}`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login ? logInLine(login) : ''}\r\n`);
  const head = (await readPart(socket, endOfHead, signal)).toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === undefined) throw proxyError('proxy-refused', 'speaks no HTTP');
  if (status.startsWith('2')) return;
  // It is there, and says that the way behind it has an end.
  throw proxyError(/^50[234]$/.test(status) ? 'proxy-cannot-reach' : 'proxy-refused', `status ${status}`);
}

const SOCKS = 5;
const NO_LOGIN = 0;
const BY_PASSWORD = 2;
const REFUSED_THERE = 5;
/** RFC 1928 6: by its own rules, a command or a kind of address that it does not know. */
const REFUSALS: ReadonlySet<number> = new Set([2, 7, 8]);

function socksAddress(name: string): Buffer {
  if (isIPv4(name)) return Buffer.from([1, ...name.split('.').map(Number)]);
  if (isIPv6(name)) return Buffer.concat([Buffer.from([4]), ipv6Bytes(name)]);
  return Buffer.concat([Buffer.from([3, name.length]), Buffer.from(name, 'latin1')]);
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser writes every form as hexadecimal groups.
  const [before = '', after = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [head, tail] = [groups(before), groups(after)];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function endOfReply(got: Buffer): number {
  const [, , , kind, nameLength = 0] = got;
  const addressLength = kind === 1 ? 4 : kind === 4 ? 16 : 1 + nameLength;
  const length = 4 + addressLength + 2;
  return got.length >= 5 && got.length >= length ? length : 0;
}

/** User and password (RFC 1929). @throws MailError proxy-refused; the socket's error */
async function logIn(socket: Socket, { user, password }: ProxyLogin, signal: AbortSignal): Promise<void> {
  const [name, word] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || word.length > 255) throw proxyError('proxy-refused', 'log-in too long');
  socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([word.length]), word]));
  const answer = await readPart(socket, (got) => (got.length >= 2 ? 2 : 0), signal);
  if (answer[1] !== 0) throw proxyError('proxy-refused', 'log-in refused');
}

/** SOCKS 5 (RFC 1928). @throws MailError proxy-refused, proxy-cannot-reach, connect-refused; the socket's error */
export async function askSocks(socket: Socket, { host, port, login }: Asked, signal: AbortSignal): Promise<void> {
  const name = wireHost(host);
  const methods = login ? [NO_LOGIN, BY_PASSWORD] : [NO_LOGIN];
  socket.write(Buffer.from([SOCKS, methods.length, ...methods]));
  const chosen = await readPart(socket, (got) => (got.length >= 2 ? 2 : 0), signal);
  if (chosen[0] !== SOCKS) throw proxyError('proxy-refused', 'speaks no SOCKS 5');
  if (chosen[1] === BY_PASSWORD && login) await logIn(socket, login, signal);
  else if (chosen[1] !== NO_LOGIN) throw proxyError('proxy-refused', 'asks for a log-in');
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  socket.write(Buffer.concat([Buffer.from([SOCKS, 1, 0]), socksAddress(name), portBytes]));
  const reply = await readPart(socket, endOfReply, signal);
  const code = reply[1] ?? 1;
  if (reply[0] !== SOCKS) throw proxyError('proxy-refused', 'speaks no SOCKS 5');
  if (code === 0) return;
  const meaning = code === REFUSED_THERE ? 'connect-refused' : REFUSALS.has(code) ? 'proxy-refused' : 'proxy-cannot-reach';
  throw proxyError(meaning, `reply ${code}`);
}
