import { tokenText } from '../imap-tokens.ts';
import { need, Refusal, type Handler, type ScriptSession } from './session-state.ts';

const ENABLEABLE = new Set(['CONDSTORE', 'QRESYNC', 'UTF8=ACCEPT', 'IMAP4REV2']);

const capability: Handler = async (session) => {
  await session.output.write(`* CAPABILITY ${session.capabilities().join(' ')}\r\n`);
  return 'CAPABILITY completed';
};

function logIn(session: ScriptSession, user: string): string {
  session.user = user;
  return `[CAPABILITY ${session.capabilities().join(' ')}] Logged in`;
}

const login: Handler = (session, args) => {
  if (session.has('LOGINDISABLED')) throw new Refusal('NO', '[PRIVACYREQUIRED] Login over clear text is disabled');
  const [user, password] = [tokenText(args[0]), tokenText(args[1])];
  if (password === '' || session.logins.passwords[user] !== password)
    throw new Refusal('NO', '[AUTHENTICATIONFAILED] Authentication failed');
  return logIn(session, user);
};

const authenticate: Handler = async (session, args) => {
  const mechanism = tokenText(args[0]).toUpperCase();
  need(session, `AUTH=${mechanism}`);
  let response = tokenText(args[1]);
  if (response === '') {
    await session.output.write('+ \r\n');
    response = await session.nextLine();
  }
  if (response === '*') throw new Refusal('BAD', 'Authentication cancelled');
  const fields = Buffer.from(response, 'base64').toString('utf8');
  if (mechanism === 'PLAIN') return plain(session, fields);
  return bearer(session, fields);
};

function plain(session: ScriptSession, fields: string): string {
  const [, user = '', password = ''] = fields.split('\0');
  if (password === '' || session.logins.passwords[user] !== password)
    throw new Refusal('NO', '[AUTHENTICATIONFAILED] Authentication failed');
  return logIn(session, user);
}

// XOAUTH2: `user=…^Aauth=Bearer …^A^A`; OAUTHBEARER (RFC 7628): `n,a=…,^A…auth=Bearer …^A^A`. A refusal is explained
// in a challenge that the client must answer before it gets its NO.
async function bearer(session: ScriptSession, fields: string): Promise<string> {
  const user = /(?:^user=|[,]a=)([^\x01,]*)/.exec(fields)?.[1] ?? '';
  const token = /\x01auth=Bearer ([^\x01]*)/i.exec(fields)?.[1] ?? '';
  if (token !== '' && session.logins.tokens[user] === token) return logIn(session, user);
  const reason = Buffer.from(JSON.stringify({ status: '400', schemes: 'Bearer', scope: 'https://mail.example.com/' }));
  await session.output.write(`+ ${reason.toString('base64')}\r\n`);
  await session.nextLine();
  throw new Refusal('NO', '[AUTHENTICATIONFAILED] Token refused');
}

const id: Handler = async (session) => {
  need(session, 'ID');
  await session.output.write('* ID ("name" "imap-script" "vendor" "Holdover tests")\r\n');
  return 'ID completed';
};

const enable: Handler = async (session, args) => {
  need(session, 'ENABLE');
  const asked = args.map((arg) => tokenText(arg).toUpperCase());
  const enabled = asked.filter((name) => ENABLEABLE.has(name) && session.has(name));
  if (enabled.includes('CONDSTORE') || enabled.includes('QRESYNC')) session.isCondstore = true;
  if (enabled.includes('QRESYNC')) session.isQresync = true;
  await session.output.write(`* ENABLED${enabled.map((name) => ` ${name}`).join('')}\r\n`);
  return 'ENABLE completed';
};

const startTls: Handler = (session) => {
  if (session.isSecure) throw new Refusal('BAD', 'TLS is already active');
  need(session, 'STARTTLS');
  session.startTls();
  return 'Begin TLS negotiation now';
};

const logout: Handler = async (session) => {
  await session.output.write('* BYE Logging out\r\n');
  session.end();
  return 'LOGOUT completed';
};

const idle: Handler = async (session) => {
  need(session, 'IDLE');
  await session.output.write('+ idling\r\n');
  await session.idle();
  return 'IDLE completed';
};

const notify: Handler = (session, args) => {
  need(session, 'NOTIFY');
  const mode = tokenText(args[0]).toUpperCase();
  if (mode !== 'SET' && mode !== 'NONE') throw new Refusal('BAD', 'NOTIFY SET or NONE');
  session.isNotify = mode === 'SET';
  return 'NOTIFY completed';
};

/** Commands about the connection itself. */
export const sessionCommands: Readonly<Record<string, Handler>> = {
  CAPABILITY: capability,
  LOGIN: login,
  AUTHENTICATE: authenticate,
  ID: id,
  ENABLE: enable,
  STARTTLS: startTls,
  LOGOUT: logout,
  IDLE: idle,
  NOTIFY: notify,
  NOOP: () => 'NOOP completed',
  CHECK: () => 'CHECK completed',
};
