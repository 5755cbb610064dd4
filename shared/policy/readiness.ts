import { z } from 'zod';
import { absolutePath, httpsUrl } from './places.ts';

const SYSLOG = /^(udp|tcp|tls):\/\/([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})$/;
const MOST_PORT = 65_535;
const isSyslog = (value: string): boolean => {
  const port = Number(SYSLOG.exec(value)?.[3] ?? 0);
  return port >= 1 && port <= MOST_PORT;
};

/** Where a syslog message goes. */
export interface SyslogTarget {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
}

/** Reads what the schema took. Pure. */
export function syslogTarget(value: string): SyslogTarget {
  const [, protocol = 'udp', host = '', port = '514'] = SYSLOG.exec(value) ?? [];
  return { protocol: protocol as SyslogTarget['protocol'], host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** What a device tells IT by itself of whether it is ready for an outage, and where to. Without it, nothing. */
export const readinessFields = {
  report: z.union([httpsUrl, absolutePath]),
  everyHours: z.number().int().min(1).max(168),
  /** What would be due on all devices at once is spread over so long; 0 for at once. */
  spreadMinutes: z.number().int().min(0).max(1440),
  webhook: httpsUrl,
  syslog: z.string().max(300).refine(isSyslog, 'must be udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT'),
};
const DEFAULTS = { everyHours: 24, spreadMinutes: 60 };

interface Given {
  readonly report?: string | undefined;
  readonly everyHours?: number | undefined;
  readonly spreadMinutes?: number | undefined;
  readonly webhook?: string | undefined;
  readonly syslog?: string | undefined;
}

/** Whether it names anything that would be told. */
export const hasTarget = ({ report, webhook, syslog }: Given): boolean => [report, webhook, syslog].some((one) => one !== undefined);

/** With what holds where IT said nothing of it. Pure. */
export const readinessInForce = (given: Given) => ({
  ...given,
  everyHours: given.everyHours ?? DEFAULTS.everyHours,
  spreadMinutes: given.spreadMinutes ?? DEFAULTS.spreadMinutes,
});
export type ReadinessRules = ReturnType<typeof readinessInForce>;
