// @ts-check
import { randomBytes } from 'node:crypto';
import { formatMailDate } from '../../test/support/sample-mail/dates.mjs';
import { sampleOwner } from '../../test/support/sample-mail/index.mjs';
import { startImapServer } from './imap/server.mjs';
import { MailStore } from './imap/store.mjs';
import { startPlug } from './plug.mjs';
import { startSubmissionServer } from './submission.mjs';

/**
 * @typedef {import('../../test/support/sample-mail/mail.mjs').Sample} Sample
 * @typedef {'primary' | 'relay'} Side
 * @typedef {import('./submission.mjs').Submission} Submission
 */

/**
 * One mail server of the demo: IMAP and submission on loopback ports that stay the same for its whole life.
 * @typedef {object} DemoServer
 * @property {number} imapPort
 * @property {number} smtpPort
 * @property {string} user
 * @property {string} pass
 * @property {MailStore} store What it holds; changes are told to connected clients.
 * @property {() => boolean} isUp
 * @property {() => Promise<void>} stop Cuts all connections; new ones are refused.
 * @property {() => Promise<void>} start Takes connections again; the relay hands over what it kept for the primary meanwhile.
 * @property {(isOn: boolean) => void} blackhole While on, connections open but no byte passes.
 * @property {() => boolean} isBlackhole
 * @property {(isOn: boolean) => void} refuseLogins While on, every log-in is refused, and who is logged in is cut off.
 * @property {() => boolean} isRefusing
 */

/**
 * @typedef {object} DemoServers
 * @property {DemoServer} primary
 * @property {DemoServer} relay
 * @property {Submission[]} delivered Mail to people elsewhere, which a real server would have sent on.
 * @property {() => number} waiting Mails that the relay keeps until the primary is back.
 * @property {(raw: Buffer, options: {to: Side | 'both', from?: string}) => void} deliver A mail for the owner arrives from outside.
 * @property {() => Promise<void>} close
 */

/**
 * Starts the two embedded mail servers and fills them with the sample.
 * @param {{sample: Sample, now?: () => number}} options
 * @returns {Promise<DemoServers>}
 */
export async function startDemoServers({ sample, now = Date.now }) {
  /** @type {Submission[]} */
  const delivered = [];
  /** Mail that the relay keeps until the primary is back. @type {Submission[]} */
  const spool = [];
  const primary = await startServer(sample.primary, now, (mail) => submit(mail, 'primary'));
  const relay = await startServer(sample.relay, now, (mail) => submit(mail, 'relay'));

  /** @param {Submission} mail */
  const intoPrimary = (mail) => {
    if (primary.isUp()) file(primary.store, 'INBOX', stamp(mail, 'mail.nordlicht.example', now()), now());
    else spool.push(mail);
  };
  /** @param {Submission} mail */
  const intoRelay = (mail) => {
    if (relay.isUp()) file(relay.store, 'INBOX', stamp(mail, 'relay.nordlicht-backup.example', now()), now());
  };
  /** @param {Submission} mail @param {Side} side */
  const submit = (mail, side) => {
    if (side === 'relay') file(relay.store, 'Sent', stamp(mail, 'relay.nordlicht-backup.example', now()), now(), ['\\Seen']);
    const isOwner = (/** @type {string} */ address) => address.toLowerCase() === sampleOwner.address;
    if (mail.recipients.some(isOwner)) {
      intoPrimary(mail);
      intoRelay(mail);
    }
    const others = mail.recipients.filter((address) => !isOwner(address));
    if (others.length > 0) delivered.push({ ...mail, recipients: others });
  };
  const handOver = () => {
    for (const mail of spool.splice(0)) intoPrimary(mail);
  };
  const startPrimary = async () => {
    await primary.start();
    handOver();
  };
  const holePrimary = (/** @type {boolean} */ isOn) => {
    primary.blackhole(isOn);
    handOver();
  };
  return {
    primary: { ...primary, start: startPrimary, blackhole: holePrimary },
    relay,
    delivered,
    waiting: () => spool.length,
    deliver: (raw, { to, from = 'sender@example.com' }) => {
      const mail = { from, recipients: [sampleOwner.address], raw };
      if (to !== 'relay') intoPrimary(mail);
      if (to !== 'primary') intoRelay(mail);
    },
    close: async () => {
      await Promise.all([primary.close(), relay.close()]);
    },
  };
}

/**
 * @param {Sample['primary']} mailboxes
 * @param {() => number} now
 * @param {(mail: Submission) => void} onMail
 */
async function startServer(mailboxes, now, onMail) {
  const user = sampleOwner.address;
  const pass = randomBytes(18).toString('base64url');
  const store = fillStore(mailboxes, now());
  // Both servers look at this one each time: refusing is another password than the one that was handed out.
  const login = { user, pass };
  const imap = await startImapServer(store, login);
  const smtp = await startSubmissionServer({ login, onMail });
  const imapPlug = await startPlug(imap.port);
  const smtpPlug = await startPlug(smtp.port);
  const stop = async () => {
    await Promise.all([imapPlug.stop(), smtpPlug.stop()]);
  };
  let isHole = false;
  /** Mail is taken by a server that is there; one behind a black hole cannot be reached by the relay either. */
  const isReachable = () => imapPlug.isUp() && !isHole;
  return {
    imapPort: imapPlug.port,
    smtpPort: smtpPlug.port,
    user,
    pass,
    store,
    isUp: isReachable,
    stop,
    start: async () => {
      await Promise.all([imapPlug.start(), smtpPlug.start()]);
    },
    blackhole: (/** @type {boolean} */ isOn) => {
      isHole = isOn;
      imapPlug.blackhole(isOn);
      smtpPlug.blackhole(isOn);
    },
    isBlackhole: () => isHole,
    refuseLogins: (/** @type {boolean} */ isOn) => {
      login.pass = isOn ? randomBytes(18).toString('base64url') : pass;
      if (!isOn) return;
      imapPlug.cut();
      smtpPlug.cut();
    },
    isRefusing: () => login.pass !== pass,
    close: async () => {
      await stop();
      await Promise.all([imap.close(), smtp.close()]);
    },
  };
}

/**
 * @param {Sample['primary']} mailboxes
 * @param {number} time Gives the UIDVALIDITY: the sample of the next start is another one, so its UIDs are too.
 */
function fillStore(mailboxes, time) {
  const store = new MailStore(Math.floor(time / 1000));
  for (const { path, specialUse, messages } of mailboxes) {
    const mailbox = store.create(path, specialUse);
    for (const message of messages) mailbox.append(message.raw, message.internalDate.getTime(), message.flags);
  }
  return store;
}

/**
 * @param {MailStore} store
 * @param {string} path
 * @param {Buffer} raw
 * @param {number} time
 * @param {readonly string[]} flags
 */
function file(store, path, raw, time, flags = []) {
  (store.get(path) ?? store.create(path)).append(raw, time, flags);
}

/**
 * The lines that a server puts on top of a mail it takes.
 * @param {Submission} mail
 * @param {string} host
 * @param {number} time
 */
function stamp(mail, host, time) {
  const lines = [
    `Return-Path: <${mail.from}>`,
    `Received: from [127.0.0.1] by ${host} with ESMTPSA\r\n\tid ${randomBytes(6).toString('hex').toUpperCase()}; ${formatMailDate(time)}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'), mail.raw]);
}
