import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SyslogTarget } from '../../../shared/policy/readiness.ts';
import type { Alert, AlertKind } from '../../../shared/readiness/alert.ts';
import { serverName } from '../../engine/core/server-identity.ts';
import { trusting } from '../../engine/core/trusted-authorities.ts';

const SEND_MS = 20_000;
const LOCAL0 = 16;
const APP_NAME = 'holdover';
/** 32473 is nobody's enterprise number (RFC 5612): the structured data is our own, and collides with no one's. */
const DATA_ID = 'holdover@32473';
const NOTICE = 5;
/** RFC 5424 6.2.1. */
const SEVERITY: Readonly<Record<AlertKind, number>> = {
  'primary-down': 2,
  'store-damaged': 2,
  'relay-fails': 3,
  'coverage-behind': 4,
  'reconcile-exceptions': 4,
  'send-uncertain': 4,
  'alerts-lost': 4,
};

/** RFC 5424 6.3.3: these three alone are escaped. */
const escaped = (value: string): string => value.replace(/["\\\]]/g, '\\$&');
/** RFC 5424 6: printable ASCII, up to 255; a nil value where nothing is left. */
const hostName = (value: string): string => value.replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';

/** An alert as a message of RFC 5424; its words are for the eye, the structured data for programs. Pure. */
export function syslogMessage(alert: Alert): string {
  const { kind, state, at, device, format: _format, ...rest } = alert;
  const priority = LOCAL0 * 8 + (state === 'cleared' ? NOTICE : SEVERITY[kind]);
  const fields = Object.entries({ kind, state, device, ...rest }).filter(([, value]) => value !== null);
  const data = fields.map(([name, value]) => `${name}="${escaped(String(value))}"`).join(' ');
  const words = [`${kind} ${state}`, alert.account, alert.code].filter((one) => one !== null).join(' ');
  return `<${priority}>1 ${at} ${hostName(device)} ${APP_NAME} - ${kind} [${DATA_ID} ${data}] \uFEFF${words}`;
}

function sendDatagram({ host, port }: SyslogTarget, message: string): Promise<void> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  return new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.send(message, port, host, (error) => (error ? reject(error) : resolve()));
  }).finally(() => socket.close());
}

function sendStream({ protocol, host, port }: SyslogTarget, message: string, caFile: string | undefined): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const socket = protocol === 'tls' ? connectTls({ host, port, ...serverName(host), ...trusting(caFile) }) : connectTcp({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), SEND_MS);
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed'));
    });
    // Octet counting (RFC 6587 3.4.1, RFC 5425 4.3): a message may hold a line break.
    const write = (): void => void socket.end(`${Buffer.byteLength(message)} ${message}`, () => resolve());
    socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', write);
    socket.resume();
  });
}

/**
 * Sends one alert to a syslog server. UDP is never confirmed, and TCP and TLS only as far as the machine's own network.
 * @throws what the connection says, the certificate's fault included
 */
export function sendSyslog(target: SyslogTarget, alert: Alert, caFile?: string): Promise<void> {
  const message = syslogMessage(alert);
  return target.protocol === 'udp' ? sendDatagram(target, message) : sendStream(target, message, caFile);
}
