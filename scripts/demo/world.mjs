import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSampleMailbox } from '../../test/support/sample-mail/index.mjs';
import { playWith } from './play.mjs';
import { startDemoServers } from './servers.mjs';

const OWNER_DAYS = 30;
/** The whole story in two minutes: a real outage has more patience. */
const CONTINUITY = { stableSeconds: 8, previewSeconds: 8, deliveryGraceSeconds: 20 };

const say = (text) => process.stdout.write(`[demo] ${text}\n`);

function endpoint(server, port) {
  return { host: '127.0.0.1', port, security: 'plain', user: server.user, auth: { type: 'password' } };
}

function side(server) {
  return { imap: endpoint(server, server.imapPort), smtp: endpoint(server, server.smtpPort) };
}

/** What an IT department would hand out: both servers, retention, and the passwords for the keyring. */
function enrolment({ primary, relay }) {
  const retention = { incomingDays: OWNER_DAYS, outgoingDays: OWNER_DAYS, quarantinedDays: 14 };
  const config = {
    email: primary.user,
    displayName: 'Nordlicht Maschinenbau',
    primary: side(primary),
    relay: side(relay),
    retention,
    pollSeconds: 30,
    continuity: CONTINUITY,
  };
  const password = (server) => ({ imap: { type: 'password', password: server.pass } });
  return { accounts: [{ config, secrets: { primary: password(primary), relay: password(relay) } }] };
}

/**
 * Two embedded servers with the sample mail and a profile enrolled to both. The profile is thrown away unless one is named.
 * @param {import('./arguments.mjs').DemoOptions} options
 */
export async function openWorld(options) {
  const sample = buildSampleMailbox({ now: new Date(), seed: 7, days: OWNER_DAYS });
  const servers = await startDemoServers({ sample });
  const count = (boxes) => boxes.reduce((sum, { messages }) => sum + messages.length, 0);
  say(`primary on ports ${servers.primary.imapPort} (IMAP) and ${servers.primary.smtpPort} (SMTP), ${count(sample.primary)} mails`);
  say(`relay on ports ${servers.relay.imapPort} (IMAP) and ${servers.relay.smtpPort} (SMTP), ${count(sample.relay)} mails`);
  const scratch = mkdtempSync(path.join(tmpdir(), 'holdover-demo-'));
  const profile = path.resolve(options.profile ?? path.join(scratch, 'profile'));
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(profile, 'demo-profile'), '');
  if (options.lang || options.isDark) {
    const settings = { ...(options.lang ? { language: options.lang } : {}), ...(options.isDark ? { theme: 'dark' } : {}) };
    writeFileSync(path.join(profile, 'settings.json'), JSON.stringify({ version: 1, settings }));
  }
  const enrolFile = path.join(scratch, 'enrolment.json');
  writeFileSync(enrolFile, JSON.stringify(enrolment(servers)), { mode: 0o600 });
  const env = { HOLDOVER_ENROL_FILE: enrolFile, HOLDOVER_DEMO_PASSPHRASE: randomBytes(18).toString('base64url') };
  return {
    sample,
    servers,
    play: playWith(servers, say),
    profile,
    scratch,
    env,
    say,
    close: async () => {
      await servers.close();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
