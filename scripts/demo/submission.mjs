// @ts-check
import { timingSafeEqual } from 'node:crypto';
import { SMTPServer } from 'smtp-server';

/** Larger mail is refused, as real servers do. */
const MAX_MAIL_BYTES = 60 * 1024 * 1024;

/**
 * @typedef {object} Submission
 * @property {string} from Envelope sender, without angle brackets.
 * @property {string[]} recipients
 * @property {Buffer} raw
 */

/**
 * Starts a submission server (RFC 6409) with AUTH on a free loopback port.
 * @param {{login: {user: string, pass: string}, onMail: (mail: Submission) => void}} options `login` is looked at each time.
 * @returns {Promise<{port: number, close: () => Promise<void>}>}
 */
export async function startSubmissionServer({ login, onMail }) {
  const server = new SMTPServer({
    banner: 'Holdover demo',
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true, // loopback only
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: MAX_MAIL_BYTES,
    closeTimeout: 200,
    onAuth: (auth, _session, callback) => {
      if (auth.username === login.user && isEqual(auth.password ?? '', login.pass)) callback(null, { user: login.user });
      else callback(Object.assign(new Error('Wrong user or password'), { responseCode: 535 }));
    },
    onData: (stream, session, callback) => {
      /** @type {Buffer[]} */
      const chunks = [];
      stream.on('data', (chunk) => {
        if (!stream.sizeExceeded) chunks.push(chunk);
      });
      stream.on('end', () => {
        if (stream.sizeExceeded) {
          callback(Object.assign(new Error('Message too large'), { responseCode: 552 }));
          return;
        }
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        onMail({ from, recipients: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
        callback(null, 'Accepted');
      });
    },
  });
  // A client that goes away in the middle of a command is no event for a server.
  server.on('error', () => undefined);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () => new Promise((resolve) => server.close(() => resolve(undefined))),
  };
}

/**
 * @param {string} given
 * @param {string} wanted
 */
function isEqual(given, wanted) {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}
