import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnrolmentFile } from '../../../shared/model/account.ts';
import { startImapScript, type ImapScript } from '../../support/imap-script.ts';
import { buildMail } from '../../support/mail-builder.ts';
import { sampleOwner } from '../../support/sample-mail/index.mjs';
import { startSmtpScript, type SmtpScript } from '../../support/smtp-script.ts';
import { until } from '../../support/until.ts';
import { startDemoAccount, type DemoAccount } from './demo-account.ts';
import { isMirrored, startEnrolled, value } from './enrolled-app.ts';
import { startApp, type RunningApp } from './start-app.ts';

const LIMIT_MS = 30_000;
/** A look takes longer than this, and each time that is asked takes away from it. */
const ASK_AGAIN_MS = 150;
/** What the engine waits for, it waits for so much shorter. */
const RATE = 4;
const TIMES = { stableSeconds: 1, previewSeconds: 1, deliveryGraceSeconds: 5, undoSendSeconds: 0 };

/** The app with a primary that does to single commands what a test wants, a relay, and an engine whose clock the test sets further. */
export class ToldWorld {
  readonly primary: ImapScript;
  readonly smtp: SmtpScript;
  readonly #demo: DemoAccount;
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #origin = Date.now();
  #aheadMs = 0;
  #app: RunningApp | null = null;
  #lift: (() => void) | null = null;

  private constructor(demo: DemoAccount, primary: ImapScript, smtp: SmtpScript) {
    this.#demo = demo;
    this.primary = primary;
    this.smtp = smtp;
    this.#folder = mkdtempSync(path.join(tmpdir(), 'holdover-told-'));
    this.#env = { HOLDOVER_TEST_ENGINE_CLOCK: path.join(this.#folder, 'clock') };
    this.pass(0);
  }

  static async start(): Promise<ToldWorld> {
    let smtp: SmtpScript | undefined;
    const demo = await startDemoAccount(TIMES, async ({ primary, relay }) => {
      smtp = await startSmtpScript({ passwords: { [primary.user]: primary.pass } });
      return { primary: smtp, relay: { port: relay.smtpPort } };
    });
    const { user, pass } = demo.servers.primary;
    const primary = await startImapScript({ passwords: { [user]: pass } });
    for (const { path: name, specialUse, messages } of demo.sample.primary) {
      const mailbox = primary.store.find(name) ?? primary.store.create(name, specialUse === null ? {} : { specialUse });
      for (const { raw, internalDate, flags } of messages) mailbox.add({ raw, flags, internalDate: internalDate.getTime() });
    }
    return new ToldWorld(demo, primary, smtp!);
  }

  /** As the engine sees it, milliseconds since 1970. */
  get now(): number {
    return this.#origin + (Date.now() - this.#origin) * RATE + this.#aheadMs;
  }

  get app(): RunningApp {
    return this.#app!;
  }

  /** Mail that the relay has sent on to people elsewhere. */
  get relayed(): readonly { readonly raw: Buffer }[] {
    return this.#demo.servers.delivered;
  }

  /** Whether the primary takes copies of drafts. */
  refusesDrafts(isOn: boolean): void {
    this.#lift?.();
    this.#lift = null;
    const action = ({ args }: { args: string }) => (/^"?Drafts/u.test(args) ? { no: 'No drafts are kept here' } : 'pass');
    if (isOn) this.#lift = this.primary.fault({ command: 'APPEND', nth: 'every', action });
  }

  async open(): Promise<RunningApp> {
    const { accounts } = JSON.parse(this.#demo.enrolment) as EnrolmentFile;
    const [account] = accounts;
    const { config } = account!;
    const imap = { ...config.primary.imap, port: this.primary.port };
    const enrolment = JSON.stringify({ accounts: [{ ...account, config: { ...config, primary: { ...config.primary, imap } } }] });
    this.#app = await startEnrolled(enrolment, this.#folder, { locale: 'en-GB', env: this.#env });
    await until('the mirror is complete', () => isMirrored(this.app), 60_000);
    return this.app;
  }

  /** Ends the app and starts it again on the same profile; both sides have been looked at. */
  async restart(): Promise<RunningApp> {
    await this.app.quit();
    this.#app = await startApp({ profile: path.join(this.#folder, 'profile'), locale: 'en-GB', env: this.#env });
    await this.looks(0);
    return this.app;
  }

  /** So much time goes by at once for the engine; its timers go on as they were. */
  pass(ms: number): void {
    this.#aheadMs += ms;
    const file = this.#env['HOLDOVER_TEST_ENGINE_CLOCK']!;
    writeFileSync(`${file}.new`, `${this.#origin} ${RATE} ${this.#aheadMs}\n`);
    renameSync(`${file}.new`, file);
  }

  /** So much time goes by, and then both sides are looked at as a whole; `isOver`: nobody needs that look any more. */
  async looks(ms: number, isOver: () => Promise<boolean> = () => Promise.resolve(false)): Promise<void> {
    this.pass(ms);
    const { now } = this;
    const hasLooked = async () => {
      const states = await value(this.app.call('sync.state')).catch(() => []);
      return (states.length > 0 && states.every(({ lastCompleteAt }) => (lastCompleteAt ?? 0) >= now)) || (await isOver());
    };
    // Until the engine has seen its clock, a look is one of before.
    await until('a look at everything', async () => {
      if (await hasLooked()) return true;
      await this.app.call('sync.now');
      await sleep(ASK_AGAIN_MS);
      return false;
    }, LIMIT_MS); // prettier-ignore
  }

  /** Mail from outside, as the relay takes it now; `isDelivered`: the primary has it, too. */
  arrives(subject: string, from: string, isDelivered: boolean): void {
    const raw = buildMail({ from, to: sampleOwner.address, subject, text: 'Guten Tag', date: this.now });
    this.#demo.servers.relay.store.get('INBOX')!.append(raw, this.now, []);
    if (isDelivered) this.primary.store.get('INBOX').add({ raw, internalDate: this.now });
  }

  async dispose(): Promise<void> {
    await this.#app?.quit();
    await Promise.all([this.#demo.servers.close(), this.primary.close(), this.smtp.close()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
