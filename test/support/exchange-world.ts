import { startDovecot, type DefaultMailbox, type Dovecot } from './dovecot.ts';
import { EngineRig } from './engine-rig.ts';
import { exchangeCapabilities, exchangeMailboxes, startExchangeFace, type ExchangeFace } from './exchange-face.ts';
import { exchangeForm } from './exchange-form.ts';
import { FacedSetting } from './faced-setting.ts';
import { startImapProxy } from './imap-proxy.ts';
import { RateClock } from './rate-clock.ts';
import { startSmtpScript, type AcceptedMail, type SmtpScript } from './smtp-script.ts';

const DAY_MS = 86_400_000;

/** A company whose mail server is Exchange, and its relay; a fresh user for each test. */
export class ExchangeServers {
  readonly primary: Dovecot;
  readonly relay: Dovecot;
  readonly face: ExchangeFace;
  /** Submission of the primary. */
  readonly smtp: SmtpScript;
  /** What the mail server does with a mail it has taken. */
  onMail: ((mail: AcceptedMail) => void | Promise<void>) | null = null;
  #next = 0;

  private constructor(primary: Dovecot, relay: Dovecot, face: ExchangeFace, smtp: SmtpScript) {
    this.primary = primary;
    this.relay = relay;
    this.face = face;
    this.smtp = smtp;
  }

  static async start(mailboxes: readonly DefaultMailbox[] = exchangeMailboxes, count = 40): Promise<ExchangeServers> {
    const users = Array.from({ length: count }, (_, n) => `user${n}`);
    const primary = await startDovecot({ users, mailboxes: [...mailboxes, { path: 'Projects' }], capabilities: exchangeCapabilities });
    const relay = await startDovecot({ users });
    const face = await startExchangeFace({ upstreamPort: primary.imapPort });
    const passwords = Object.fromEntries(users.map((name) => [name, `pw-${name}`]));
    const smtp = await startSmtpScript({ passwords, onMail: (mail) => servers.onMail?.(mail) });
    const servers = new ExchangeServers(primary, relay, face, smtp);
    return servers;
  }

  async dispose(): Promise<void> {
    await this.face.close();
    await this.smtp.close();
    await this.primary.dispose();
    await this.relay.dispose();
  }

  /** The next user that no test has had. */
  freshUser(): string {
    return `user${this.#next++}`;
  }

  async with(work: (setting: ExchangeSetting) => Promise<void>): Promise<void> {
    const user = this.freshUser();
    const proxy = await startImapProxy({ upstreamPort: this.face.port });
    const [direct, relay] = [await this.primary.connect(user), await this.relay.connect(user)];
    const clock = new RateClock();
    const password = `pw-${user}`;
    const rig = await EngineRig.open({
      primary: { port: proxy.port, user, password, smtpPort: this.smtp.port },
      relay: { port: this.relay.imapPort, user, password },
      ...{ clock, config: { continuity: { undoSendSeconds: 0 } } },
    });
    try {
      await work(new ExchangeSetting({ rig, clock, user, proxy, direct, relay }));
    } finally {
      this.onMail = null;
      await direct.close();
      await relay.close();
      // First: nobody has to wait for an answer then.
      await proxy.close();
      await rig.close();
    }
  }
}

/** One person's app between the two servers. */
export class ExchangeSetting extends FacedSetting {
  /** A mail is delivered to both sides, or to one: the primary keeps it in its own form. */
  async deliver(raw: Buffer, to: 'both' | 'primary' | 'relay' = 'both'): Promise<void> {
    const internalDate = Math.floor((Date.now() - DAY_MS) / 1000) * 1000;
    const through = (by: string): Buffer => Buffer.concat([Buffer.from(`Received: by ${by} with ESMTP\r\n`), raw]);
    if (to !== 'relay') await this.direct.append('INBOX', exchangeForm(through('exchange.example.com')), { internalDate });
    if (to !== 'primary') await this.relay.append('INBOX', through('relay.example.net'), { internalDate });
  }
}
