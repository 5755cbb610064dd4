import { MailError } from '../../shared/errors.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { ContinuityEngine } from '../engine/engine.ts';
import type { PolicyReading } from '../policy/read-policy.ts';
import { printReports, runDrill } from './continuity-commands.ts';
import { exportAudit, verifyAudit } from './audit-commands.ts';
import { recoverStore, setAside, showRecoveryKey } from './key-commands.ts';
import * as mail from './mail-commands.ts';
import { openProfile, profileDirOf, type ProfileOptions } from './open-profile.ts';
import { commandProxies, proxyHelp } from './proxies.ts';
import { calledAs } from './called-as.ts';
import { entryIdOf, limitOf, parseOptions, refuseWords, required, type Parsed } from './options.ts';
import { UsageError } from './usage-error.ts';
import { verifyAll } from './verify.ts';

type WithEngine = (engine: ContinuityEngine) => Promise<number> | number;
type WithProfile = (profile: ProfileOptions) => Promise<number>;

interface Command {
  readonly help: string;
  /** Prints mail, or what opens it: not where IT has set a lock, a lease or a wipe. */
  readonly showsMail?: (parsed: Parsed) => boolean;
  /** Looks at all that was typed before anything is opened. @throws UsageError */
  readonly engine?: (parsed: Parsed) => WithEngine;
  /** Where another process has the profile open: lets that one do it. False where it did not. */
  readonly elsewhere?: (parsed: Parsed, profileDir: string) => Promise<boolean>;
  /** For what needs the keys alone. */
  readonly keys?: (parsed: Parsed) => WithProfile;
  /** For what needs no profile at all. */
  readonly alone?: (parsed: Parsed) => () => Promise<number>;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const output = ({ values }: Parsed): mail.Output => ({ print, isJson: values.json });
const continuity = ({ values }: Parsed) => ({ account: values.account, send: values.send, json: values.json });

/** A command that takes options only. */
const plain =
  <T>(make: (parsed: Parsed) => T) =>
  (parsed: Parsed): T => {
    refuseWords(parsed);
    return make(parsed);
  };

function listOf(parsed: Parsed): WithEngine {
  const { mailbox } = parsed.values;
  const limit = limitOf(parsed);
  if (mailbox === undefined) return (engine) => mail.listMailboxes(engine, output(parsed));
  return (engine) => mail.listMessages(engine, mailbox, limit, output(parsed));
}

function showOf(parsed: Parsed): WithEngine {
  const id = entryIdOf(parsed);
  return (engine) => mail.showMessage(engine, id, parsed.values.source, output(parsed));
}

function searchOf(parsed: Parsed): WithEngine {
  const words = parsed.positionals.join(' ').trim();
  const limit = limitOf(parsed);
  if (words === '') throw new UsageError('words to search for are needed');
  return (engine) => mail.find(engine, words, parsed.values.mailbox ?? null, limit, output(parsed));
}

function enrolOf(parsed: Parsed): WithEngine {
  // Read before anything is opened: a file that is not there is no matter of a keyring.
  const accounts = mail.readAccounts(required(parsed, 'file'));
  return (engine) => mail.enrolAll(engine, accounts, parsed.values['sign-in'], output(parsed));
}

function signInOf({ values }: Parsed): WithEngine {
  const { account } = values;
  if (account === undefined) throw new UsageError('--account ADDRESS is needed');
  return async (engine) => (await import('./sign-in-commands.ts')).signInByCode(engine, account, print);
}

function auditOf(parsed: Parsed): WithEngine {
  const [what = '', ...more] = parsed.positionals;
  if (more.length === 0 && what === 'verify') return (engine) => verifyAudit(engine, output(parsed));
  if (more.length === 0 && what === 'export') return (engine) => exportAudit(engine, output(parsed));
  throw new UsageError('audit verify, or audit export');
}

function policyOf({ positionals, values }: Parsed): () => Promise<number> {
  const [what = '', file, ...more] = positionals;
  const out = { print, isJson: values.json };
  if (what === 'show' && file === undefined) return async () => (await import('./policy-commands.ts')).showPolicy(out);
  if (what === 'check' && file && more.length === 0) return async () => (await import('./policy-commands.ts')).checkPolicyFile(file, out);
  throw new UsageError('policy show, or policy check FILE');
}

function escrowOf(parsed: Parsed): () => Promise<number> {
  if (parsed.positionals.join(' ') !== 'open') throw new UsageError('escrow open');
  const file = required(parsed, 'file');
  const keyFile = required(parsed, 'private-key-file');
  return async () => (await import('./policy-commands.ts')).openEscrowFile(file, keyFile, output(parsed));
}

function recoverOf(parsed: Parsed): WithProfile {
  const file = required(parsed, 'recovery-key-file');
  return (profile) => recoverStore(profile, file, print);
}

/** Every command with its line of help. */
export const commands: Readonly<Record<string, Command>> = {
  enrol: {
    engine: plain(enrolOf),
    elsewhere: (parsed, dir) => mail.enrolElsewhere(dir, required(parsed, 'file'), output(parsed)),
    help: 'enrol --file FILE [--sign-in]      enrols the accounts of an enrolment file, and signs in at their providers by a code',
  },
  'sign-in': {
    engine: plain(signInOf),
    help: 'sign-in --account ADDRESS          signs in at the provider of an account by a code, on any device',
  },
  mirror: {
    engine: plain((parsed) => (engine) => mail.mirrorOnce(engine, output(parsed))),
    help: 'mirror                 looks at every server once and fetches all that is missing',
  },
  watch: { engine: plain(() => mail.watchUntilStopped), help: 'watch                  mirrors until stopped (Ctrl-C)' },
  list: { engine: plain(listOf), showsMail: () => true, help: 'list [--mailbox KEY]   mailboxes, or the messages of one' },
  show: { engine: showOf, showsMail: () => true, help: 'show ID [--source]     one message' },
  search: { engine: searchOf, showsMail: () => true, help: 'search WORDS...        from: to: subject: file: restrict a word' },
  verify: {
    engine: plain((parsed) => (engine) => verifyAll(engine, output(parsed))),
    help: 'verify                 compares every mailbox and message of the window with the servers',
  },
  drill: {
    engine: plain((parsed) => (engine) => runDrill(engine, continuity(parsed), print)),
    help: 'drill [--send none]    plays an outage on this device only and gives marks',
  },
  reports: {
    showsMail: () => true,
    engine: plain((parsed) => (engine) => printReports(engine, continuity(parsed), print)),
    help: 'reports                outages and what was carried back after each',
  },
  audit: {
    engine: auditOf,
    showsMail: ({ positionals }) => positionals[0] === 'export',
    help: 'audit verify | export  checks the audit journal, or prints it',
  },
  policy: {
    alone: policyOf,
    help: 'policy show | check FILE           what IT holds on this machine, or whether a policy file is right',
  },
  escrow: {
    alone: escrowOf,
    help: 'escrow open --file FILE --private-key-file FILE   the recovery key that a device handed in for IT',
  },
  'recovery-key': {
    showsMail: () => true,
    keys: plain(() => (profile) => showRecoveryKey(profile, print)),
    help: 'recovery-key           prints the text that opens the mail when the key is lost',
  },
  recover: { keys: plain(recoverOf), help: 'recover --recovery-key-file FILE   puts the key back where it belongs' },
  'set-aside': {
    keys: plain((parsed) => (profile) => setAside(profile, parsed.values['accept-losses'], print)),
    help: 'set-aside [--accept-losses]        moves a store whose key is lost out of the way; deletes nothing',
  },
};

export function usage(): string {
  const lines = Object.values(commands).map((one) => `  ${one.help}`);
  return `usage: ${calledAs('engine')} COMMAND [options]\n\n${lines.join('\n')}\n\noptions: --profile DIR  --account ADDRESS  --passphrase-file FILE  --limit N  --json  --verbose  --proxy URL\n\n${proxyHelp}`;
}

/**
 * Opens what the command needs, runs it, closes whatever happens.
 * @param readPolicy what IT holds on this machine
 * @throws UsageError before anything was opened, and so MailError held-by-policy
 */
export async function runCommand(
  command: Command,
  name: string,
  args: readonly string[],
  readPolicy?: () => Promise<PolicyReading>,
): Promise<number> {
  const { engine: prepare, keys } = command;
  const parsed = parseOptions(args);
  const { values } = parsed;
  const profile = { profile: values.profile, passphraseFile: values['passphrase-file'], isVerbose: values.verbose };
  if (command.alone) return command.alone(parsed)();
  const withKeys = keys?.(parsed);
  const run = prepare?.(parsed) ?? (() => 0);
  if (command.showsMail?.(parsed)) await (await import('./held-mail.ts')).refuseHeldMail(readPolicy);
  if (withKeys) return withKeys(profile);
  const proxies = commandProxies(values.proxy);
  const printStates = mail.statePrinter(print);
  let engine: ContinuityEngine;
  try {
    engine = await openProfile({
      ...profile,
      proxies,
      onEvent: (event, payload) => {
        if (name === 'watch' && event === 'sync.state') printStates(payload as readonly SideSyncState[]);
      },
    });
  } catch (error) {
    const isInUse = error instanceof MailError && error.code === 'store-in-use';
    if (isInUse && (await command.elsewhere?.(parsed, profileDirOf(profile)))) return 0;
    throw error;
  }
  try {
    return await run(engine);
  } finally {
    await engine.stop();
  }
}
