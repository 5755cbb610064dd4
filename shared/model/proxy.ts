import { z } from 'zod';

/** A server through which others are reached. `http` and `https`: CONNECT (RFC 9110 9.3.6); `socks5`: RFC 1928. Never with a log-in. */
export const proxyServerSchema = z.lazy(() =>
  z.strictObject({
    scheme: z.enum(['http', 'https', 'socks5']),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65535),
    /** PEM file with the company's own CA certificates, for a proxy that is itself reached over TLS. */
    caFile: z.string().max(4096).optional(),
  }),
);
export type ProxyServer = z.infer<typeof proxyServerSchema>;

/** Ways to one server that are tried one after the other: a script may name any number. */
export const MOST_WAYS = 8;
/** By which ways a server is reached, in their order; null for the direct one. */
export const proxyWaysSchema = z.lazy(() => z.array(proxyServerSchema.nullable()).min(1).max(MOST_WAYS));
export type ProxyWays = z.infer<typeof proxyWaysSchema>;
