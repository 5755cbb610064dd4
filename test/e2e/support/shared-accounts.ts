import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DemoServers } from '../../../scripts/demo/servers.mjs';
import { startSmtpScript, type AcceptedMail, type SmtpScript } from '../../support/smtp-script.ts';
import { until } from '../../support/until.ts';
import { enrolmentOfAll, startDemoAccount, type DemoAccount } from './demo-account.ts';
import { isMirrored, startEnrolled } from './enrolled-app.ts';
import type { RunningApp } from './start-app.ts';

/** An app with accounts, for all tests of a file: to start it and to mirror the mail takes longer than most of them. */
interface Shared {
  readonly accounts: readonly DemoAccount[];
  readonly folder: string;
  /** Who starts it again puts it here for those that come next. */
  app: RunningApp;
}

/** An app with two accounts. */
export interface TwoAccounts extends Shared {
  /** Submission of the second account, whose server files a copy of its own in Sent. */
  readonly filing: SmtpScript;
}

/** The second account of two, and a further address of it. */
export const SECOND = 'vertrieb@nordlicht.example';
export const FAIR = 'messe@nordlicht.example';
export const SIGNATURES = ['Dr. Katharina Brandt\nGeschäftsführung & Einkauf', 'Vertrieb Nordlicht\nTel. 040 1234'] as const;
/** A test mail that waited for its sending to be undone would take this long. */
export const UNDO_SECONDS = 60;

let one: Promise<Shared> | null = null;
let two: Promise<TwoAccounts> | null = null;

/** The same app with one account at every call. The file ends it. */
export function oneAccount(): Promise<Shared> {
  one ??= startDemoAccount({ stableSeconds: 2, previewSeconds: 1, deliveryGraceSeconds: 5, undoSendSeconds: UNDO_SECONDS }).then(
    (account) => startShared([account], account.enrolment),
  );
  return one;
}

/** The same app with two accounts at every call: the same people's servers twice, the second with an address of its own there. The file ends it. */
export function twoAccounts(): Promise<TwoAccounts> {
  two ??= startTwo();
  return two;
}

async function startTwo(): Promise<TwoAccounts> {
  let filing: SmtpScript | undefined;
  // As many servers do: before a mail is taken, a copy of it is in the sender's Sent.
  const startFiling = async ({ primary, relay }: DemoServers) => {
    const onMail = ({ raw }: AcceptedMail) => void primary.store.get('Sent')!.append(raw, Date.now(), ['\\Seen']);
    filing = await startSmtpScript({ passwords: { [primary.user]: primary.pass }, onMail });
    return { primary: filing, relay: { port: relay.smtpPort } };
  };
  const accounts = [await startDemoAccount({ undoSendSeconds: 0 }), await startDemoAccount({ undoSendSeconds: 0 }, startFiling)];
  const enrolment = enrolmentOfAll(accounts, (n) => ({
    signature: SIGNATURES[n]!,
    ...(n === 1 ? { email: SECOND, displayName: 'Vertrieb', aliases: [FAIR] } : {}),
  }));
  return Object.assign(await startShared(accounts, enrolment), { filing: filing! });
}

async function startShared(accounts: readonly DemoAccount[], enrolment: string): Promise<Shared> {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-accounts-'));
  const app = await startEnrolled(enrolment, folder, { locale: 'en-GB' });
  await until('the mirror is complete', () => isMirrored(app, 2 * accounts.length), 60_000);
  return { accounts, folder, app };
}

/** Ends what was started. */
export async function endShared(): Promise<void> {
  for (const shared of [await one, await two]) {
    if (!shared) continue;
    await shared.app.quit();
    for (const { servers } of shared.accounts) await servers.close();
    rmSync(shared.folder, { recursive: true, force: true });
  }
  await (await two)?.filing.close();
  [one, two] = [null, null];
}
