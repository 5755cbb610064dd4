import type { Endpoint } from '../../shared/model/account.ts';
import type { SubmissionPhase } from '../../shared/model/outbox.ts';
import type { Credentials } from '../../main/engine/imap/gateway.ts';
import type { SubmissionRequest, SubmissionResult } from '../../main/engine/smtp/gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import type { SubmitTimes } from '../../main/engine/smtp/submit-times.ts';

/** A small mail around this body. */
export function mailOf(body: string): Buffer {
  const head =
    'From: alice@example.com\r\nTo: bob@example.com\r\nSubject: one\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\n';
  return Buffer.from(head + body);
}

export interface SubmitHow extends Partial<SubmissionRequest> {
  readonly endpoint?: Partial<Endpoint>;
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
  readonly times?: Partial<SubmitTimes>;
  readonly onPhase?: (phase: SubmissionPhase) => void | Promise<void>;
}

/** Submits one mail, as alice, to the server on this port; everything not given is usual. */
export function submitTo(server: { port: number }, how: SubmitHow): Promise<SubmissionResult> {
  const { endpoint, credentials, signal, times, onPhase, ...request } = how;
  const raw = request.raw ?? mailOf('hello\r\n');
  const sizeBytes = raw instanceof Uint8Array ? raw.length : 0;
  const gateway = createSmtpGateway({ ...(times ? { times } : {}) });
  return gateway.submit(
    { host: '127.0.0.1', port: server.port, security: 'plain', user: 'alice', auth: { type: 'password' }, ...endpoint },
    credentials ?? { type: 'password', password: 'pw-alice' },
    { sizeBytes, from: 'alice@example.com', to: ['bob@example.com'], ...request, raw },
    { side: 'primary', onPhase: onPhase ?? (() => undefined), ...(signal ? { signal } : {}) },
  );
}
