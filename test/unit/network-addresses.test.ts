import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { networkAddresses } from '../../main/app/network-addresses.ts';

const base = { mac: '00:00:00:00:00:00', cidr: null, internal: false };
const four = (address: string, netmask = '255.255.255.0'): NetworkInterfaceInfo => ({ ...base, family: 'IPv4', address, netmask });
const six = (address: string): NetworkInterfaceInfo => ({ ...base, family: 'IPv6', address, netmask: 'ffff:ffff:ffff:ffff::', scopeid: 0 });
const loop = { lo: [{ ...four('127.0.0.1', '255.0.0.0'), internal: true }] };
const office = { ...loop, eth0: [four('10.0.0.7'), six('2001:db8:1:2:a::1'), six('fe80::1')] };

it.each([
  ['another network', { ...office, eth0: [four('192.168.1.7')] }],
  ['another address of the same interface', { ...office, eth0: [four('10.0.0.8'), six('2001:db8:1:2:a::1')] }],
  ['another interface with the same address', { ...loop, wlan0: office.eth0 }],
  ['a tunnel', { ...office, tun0: [four('10.8.0.2')] }],
  ['no interface at all', loop],
])('%s is another way out', (_name, interfaces) => {
  expect(networkAddresses(interfaces)).not.toBe(networkAddresses(office));
});

it.each([
  ['a daily new address of the same IPv6 network', { ...office, eth0: [four('10.0.0.7'), six('2001:db8:1:2:beef::9')] }],
  ['another order', { eth0: [...office.eth0].reverse(), ...loop }],
  ['a virtual interface that leads nowhere', { ...office, veth1: [six('fe80::2'), four('169.254.3.4', '255.255.0.0')] }],
])('%s is not', (_name, interfaces) => {
  expect(networkAddresses(interfaces)).toBe(networkAddresses(office));
});
