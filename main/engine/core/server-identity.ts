import { isIP } from 'node:net';

/** Of an https address that names none. */
export const HTTPS_PORT = 443;

/** A host as a socket takes it: an IPv6 address without its brackets. */
export const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** A host as names are compared: in lower case, without brackets and the dot at its end. */
export const plainHost = (host: string): string => bareHost(host.toLowerCase()).replace(/\.$/, '');

/** The name that a certificate has to be for, as an option of TLS; an address is sent as none (RFC 6066 3). */
export const serverName = (host: string): { servername?: string } => (isIP(host) ? {} : { servername: host });
