import { expect, it } from 'vitest';
import { isPublicAddress } from '../../main/engine/trust/public-address.ts';

it.each([
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'fc00::1',
  'fdff::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  '::127.0.0.1',
  'localhost',
  '',
  '1',
  '0x7f.0.0.1',
])('%s is no address of the public internet', (address) => expect(isPublicAddress(address)).toBe(false));

it.each(['8.8.8.8', '93.184.216.34', '172.15.0.1', '172.32.0.1', '11.0.0.1', '2606:4700::1111', '2a00:1450:4001:80e::2004'])(
  '%s is one',
  (address) => expect(isPublicAddress(address)).toBe(true),
);
