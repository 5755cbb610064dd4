import { BlockList, isIP } from 'node:net';
import { isLoopbackHost } from '../../shared/model/account.ts';
import { plainHost } from '../engine/core/server-identity.ts';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function isInside(address: string, network: string): boolean {
  const [base = '', prefix = ''] = network.split('/');
  const [bits, family] = [Number(prefix), familyOf(base)];
  if (isIP(base) === 0 || !/^\d{1,3}$/u.test(prefix) || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(base, bits, family);
  return list.check(address, familyOf(address));
}

/** A name counts for all below it, too: so do curl and others, with a dot in front or without. */
function fits(host: string, port: number, pattern: string): boolean {
  const [, named = pattern, onlyPort] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/u.exec(pattern) ?? [];
  if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
  if (named.includes('/')) return isIP(host) !== 0 && isInside(host, plainHost(named));
  const name = plainHost(named).replace(/^\*?\./u, '');
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

/** Whether NO_PROXY has a server reached directly. Pure. */
export function isExempt(host: string, port: number, noProxy: string): boolean {
  const name = plainHost(host);
  if (isLoopbackHost(name)) return true;
  return noProxy.split(/[\s,]+/u).some((pattern) => pattern !== '' && (pattern === '*' || fits(name, port, pattern)));
}
