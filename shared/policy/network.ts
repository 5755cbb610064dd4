import { z } from 'zod';

/** `[scheme://]host[:port]` with nothing else: no log-in, no path. */
function isProxyUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const isKnown = ['http:', 'https:', 'socks5:'].includes(url.protocol);
  return isKnown && url.hostname !== '' && url.username === '' && url.password === '' && /^\/?$/.test(url.pathname + url.search + url.hash);
}

/**
 * How servers are reached. `system` asks the system for each of them; a fixed proxy is used for all but what `proxyBypass` names, and this
 * machine itself. A log-in at the proxy is never made, so none can stand here: a policy is no place for a password.
 */
export const proxySchema = z.union([
  z.enum(['none', 'system']),
  z
    .string()
    .max(300)
    .refine(isProxyUrl, 'must be none, system, or the address of a proxy such as http://proxy.example:3128, without a log-in'),
]);

/** A host name, `*.domain` for all names below it, or an address. */
export const proxyBypassSchema = z
  .array(
    z
      .string()
      .max(253)
      .regex(/^(\*\.)?[\p{L}\p{N}._:[\]-]+$/u, 'must be a host name, *.domain or an address'),
  )
  .min(1)
  .max(200);
