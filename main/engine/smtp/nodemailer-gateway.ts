import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import { limits } from '../../../shared/limits.ts';
import type { Credentials } from '../imap/gateway.ts';
import { classifySmtpError } from './classify-smtp-error.ts';
import type { SmtpGateway, SmtpStep } from './gateway.ts';
import { openSocket, tlsOptions } from './open-socket.ts';

/** RFC 5321 4.1.3 literal: the machine's own name is nobody's business. */
const EHLO_NAME = '[127.0.0.1]';

/** Submission servers through nodemailer's protocol engine; the only file that imports it. */
export function createSmtpGateway(): SmtpGateway {
  return { verify, submit };
}

const submit: SmtpGateway['submit'] = () => Promise.reject(new Error('not built yet'));

const verify: SmtpGateway['verify'] = async (endpoint, credentials, { side, signal, onStep }) => {
  let reached: SmtpStep | null = null;
  const pass = (step: SmtpStep) => {
    reached = step;
    onStep?.(step);
  };
  const stop = signal ?? new AbortController().signal;
  try {
    const socket = await openSocket(endpoint, { side, signal: stop, onStep: pass });
    await inSession(connectionOver(socket, endpoint, side), socket, stop, async (connection) => {
      await connected(connection);
      if (endpoint.security === 'starttls') pass('tls');
      await loggedIn(connection, endpoint, credentials, side);
      pass('login');
      await settled((done) => connection.reset(done));
      pass('submission');
    });
  } catch (error) {
    if (stop.aborted) throw stop.reason instanceof MailError ? stop.reason : cancelled(side);
    throw classifySmtpError(error, side, reached);
  }
};

function connectionOver(socket: Socket, endpoint: Endpoint, side: Side): SMTPConnection {
  const { security } = endpoint;
  return new SMTPConnection({
    connection: socket,
    host: endpoint.host,
    port: endpoint.port,
    secure: security === 'tls',
    secured: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'plain',
    name: EHLO_NAME,
    tls: tlsOptions(endpoint, side),
    connectionTimeout: limits.connectTimeoutMs,
    greetingTimeout: limits.greetingTimeoutMs,
    socketTimeout: limits.stallTimeoutMs,
    socketCloseTimeout: 0,
    customAuth: { 'HOLDOVER-TOKEN': sendToken },
  });
}

/** Runs the work; an error of the connection or the signal ends it, and the socket is closed in every case. */
async function inSession(
  connection: SMTPConnection,
  socket: Socket,
  signal: AbortSignal,
  work: (connection: SMTPConnection) => Promise<void>,
): Promise<void> {
  let reject: (error: unknown) => void = () => undefined;
  const broken = new Promise<never>((_, fail) => (reject = fail));
  const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
  connection.on('error', reject);
  connection.on('end', () => reject(Object.assign(new Error('connection ended'), { code: 'ECONNECTION' })));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work(connection), broken]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    broken.catch(() => undefined);
    connection.close();
    socket.destroy();
  }
}

function connected(connection: SMTPConnection): Promise<void> {
  return settled((done) => connection.connect(done));
}

function loggedIn(connection: SMTPConnection, endpoint: Endpoint, credentials: Credentials, side: Side): Promise<void> {
  if (!connection.allowsAuth) {
    const detail = 'server offers no AUTH';
    return Promise.reject(new MailError('auth-mechanism-missing', { scope: 'account', retry: 'ask', side, detail }));
  }
  const { user, host, port } = endpoint;
  if (credentials.type === 'password') {
    return settled((done) => connection.login({ user, pass: credentials.password }, done));
  }
  const { mechanism, accessToken } = credentials;
  const initial = Buffer.from(tokenMessage(mechanism, { user, host, port, accessToken })).toString('base64');
  return settled((done) => connection.login({ user, method: 'HOLDOVER-TOKEN', options: { mechanism, initial } }, done));
}

/** First client message of XOAUTH2 and of OAUTHBEARER (RFC 7628 3.1). */
function tokenMessage(mechanism: string, of: { user: string; host: string; port: number; accessToken: string }): string {
  const bearer = `auth=Bearer ${of.accessToken}\u0001\u0001`;
  if (mechanism === 'XOAUTH2') return `user=${of.user}\u0001${bearer}`;
  const user = of.user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return `n,a=${user},\u0001host=${of.host}\u0001port=${of.port}\u0001${bearer}`;
}

interface TokenContext {
  readonly auth: { readonly credentials: { readonly options?: Record<string, string> | undefined } };
  sendCommand(command: string): Promise<{ readonly status: number }>;
}

/** nodemailer adds the server's last reply to what this throws. */
async function sendToken(context: TokenContext): Promise<void> {
  const { mechanism = '', initial = '' } = context.auth.credentials.options ?? {};
  let { status } = await context.sendCommand(`AUTH ${mechanism} ${initial}`);
  // 334 carries the reason of a refusal; the refusal itself follows the client's answer (RFC 7628 3.2.3).
  if (status === 334) ({ status } = await context.sendCommand(mechanism === 'XOAUTH2' ? '' : 'AQ=='));
  if (status !== 235) throw new Error('token refused');
}

function settled(run: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}

function cancelled(side: Side): MailError {
  return new MailError('cancelled', { scope: 'connection', retry: 'never', side });
}
