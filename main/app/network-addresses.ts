import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Of an IPv6 address its network alone: the rest changes every day where privacy extensions are on (RFC 8981). */
const networkOf = ({ family, address, netmask }: NetworkInterfaceInfo): string =>
  family === 'IPv4' ? `${address}/${netmask}` : address.split(':').slice(0, 4).join(':');

/** Link-local addresses lead nowhere, and come and go with every virtual interface. */
const leadsOut = ({ internal, address }: NetworkInterfaceInfo): boolean =>
  !internal && !address.startsWith('169.254.') && !/^fe[89ab]/iu.test(address);

/** By which interfaces and networks this machine is connected, as one text: another text is another network, or another way into it. Pure. */
export function networkAddresses(interfaces: Interfaces): string {
  const all = Object.entries(interfaces).flatMap(([name, list]) => (list ?? []).filter(leadsOut).map((one) => `${name} ${networkOf(one)}`));
  return [...new Set(all)].sort().join('\n');
}
