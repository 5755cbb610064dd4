import { z } from 'zod';
import { securitySchema } from './account.ts';

/** One proposal for an endpoint, with where it came from. */
export const discoveredEndpointSchema = z.lazy(() =>
  z.strictObject({
    host: z.string(),
    port: z.number().int(),
    security: securitySchema,
    user: z.string(),
    auth: z.enum(['password', 'oauth2']),
    source: z.enum(['autoconfig', 'autoconfig-isp', 'autoconfig-well-known', 'srv', 'guess']),
  }),
);
export type DiscoveredEndpoint = z.infer<typeof discoveredEndpointSchema>;

/** Result of autodiscovery for one address: best proposal first. */
export const discoverySchema = z.lazy(() =>
  z.strictObject({
    imap: z.array(discoveredEndpointSchema),
    smtp: z.array(discoveredEndpointSchema),
    /** What was asked and how it ended, for the person who wonders why nothing was found. */
    tried: z.array(z.strictObject({ what: z.string(), status: z.enum(['found', 'nothing', 'failed', 'skipped']) })),
  }),
);
export type Discovery = z.infer<typeof discoverySchema>;
