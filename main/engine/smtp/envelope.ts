import { domainToASCII } from 'node:url';

/** RFC 5321 4.5.3.1.3, without the angle brackets. */
const MAX_ADDRESS_BYTES = 254;
/** What would end or bend the command that the address stands in. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Z}<>\p{Cs}\ufffd]/u;
const NON_ASCII = /[^\x21-\x7e]/;

/**
 * Whether an address may stand in a command: a local part, an at sign and a domain, no blank, control or angle bracket, of the length
 * that servers have to take.
 */
export function isFitAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  return at > 0 && at < address.length - 1 && Buffer.byteLength(address) <= MAX_ADDRESS_BYTES && !UNFIT.test(address);
}

/**
 * The address as it goes into the envelope. A domain beyond ASCII is written in its ASCII form (RFC 5891) where the local part needs no
 * UTF-8: then every server takes it.
 */
export function wireAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  if (NON_ASCII.test(local) || !NON_ASCII.test(domain)) return address;
  const ascii = domainToASCII(domain);
  return ascii === '' ? address : `${local}@${ascii}`;
}

/** Whether an address can only be given to a server that takes UTF-8 (RFC 6531). */
export const needsUtf8 = (wire: string): boolean => NON_ASCII.test(wire);
