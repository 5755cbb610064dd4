import { startDovecot, type Dovecot } from './dovecot.ts';
import { EngineRig } from './engine-rig.ts';
import { FacedSetting, type SettingParts } from './faced-setting.ts';
import { gmailCapabilities, gmailMailboxes, gmailNames, startGmailFace, type GmailFace, type GmailNames } from './gmail-face.ts';
import { startImapProxy } from './imap-proxy.ts';
import { RateClock } from './rate-clock.ts';
import { SecondClient } from './second-client.ts';
import { startSmtpScript, type AcceptedMail, type SmtpScript } from './smtp-script.ts';
import type { AccountConfigInput } from '../../shared/model/account.ts';

const DAY_MS = 86_400_000;
/** What everybody has besides Gmail's own. */
const OWN_LABELS = [{ path: 'Projects' }, { path: 'Travel' }];

/** A company whose mail is at Gmail, and its relay; a fresh user for each test. */
export class GmailServers {
  /** Behind the face: nothing is put into it by hand. */
  readonly #dovecot: Dovecot;
  readonly relay: Dovecot;
  readonly face: GmailFace;
  /** Submission of the primary. */
  readonly smtp: SmtpScript;
  /** What the mail server does with a mail it has taken. */
  onMail: ((mail: AcceptedMail) => void | Promise<void>) | null = null;
  #next = 0;

  private constructor(dovecot: Dovecot, relay: Dovecot, face: GmailFace, smtp: SmtpScript) {
    this.#dovecot = dovecot;
    this.relay = relay;
    this.face = face;
    this.smtp = smtp;
  }

  static async start(names: GmailNames = gmailNames, count = 40): Promise<GmailServers> {
    const users = Array.from({ length: count }, (_, n) => `user${n}`);
    const dovecot = await startDovecot({ users, mailboxes: [...gmailMailboxes(names), ...OWN_LABELS], capabilities: gmailCapabilities });
    const relay = await startDovecot({ users });
    const face = await startGmailFace({ dovecot, names });
    const passwords = Object.fromEntries(users.map((name) => [name, `pw-${name}`]));
    const smtp = await startSmtpScript({ passwords, onMail: (mail) => servers.onMail?.(mail) });
    const servers = new GmailServers(dovecot, relay, face, smtp);
    return servers;
  }

  async dispose(): Promise<void> {
    await this.face.close();
    await this.smtp.close();
    await this.#dovecot.dispose();
    await this.relay.dispose();
  }

  /** The next user that no test has had. */
  freshUser(): string {
    return `user${this.#next++}`;
  }

  /** The primary as everybody reaches it: through the face. */
  get primary(): Dovecot {
    const connect = (user = 'user0') => SecondClient.connect({ port: this.face.port, user, password: `pw-${user}` });
    const own: Partial<Dovecot> = { imapPort: this.face.port, connect };
    const get = (dovecot: Dovecot, key: keyof Dovecot): unknown => {
      const value: unknown = own[key] ?? Reflect.get(dovecot, key, dovecot);
      return typeof value === 'function' ? value.bind(dovecot) : value;
    };
    return new Proxy(this.#dovecot, { get: (dovecot, key) => get(dovecot, key as keyof Dovecot) });
  }

  async with(work: (setting: GmailSetting) => Promise<void>, config: Partial<AccountConfigInput> = {}): Promise<void> {
    const user = this.freshUser();
    const proxy = await startImapProxy({ upstreamPort: this.face.port });
    const [direct, relay] = [await this.primary.connect(user), await this.relay.connect(user)];
    const clock = new RateClock();
    const password = `pw-${user}`;
    const rig = await EngineRig.open({
      primary: { port: proxy.port, user, password, smtpPort: this.smtp.port },
      relay: { port: this.relay.imapPort, user, password },
      ...{ clock, config: { continuity: { undoSendSeconds: 0 }, ...config } },
    });
    try {
      await work(new GmailSetting(this, { rig, clock, user, proxy, direct, relay }));
    } finally {
      this.onMail = null;
      this.face.set();
      await direct.close();
      await relay.close();
      // First: nobody has to wait for an answer then.
      await proxy.close();
      await rig.close();
    }
  }
}

/** One person's app between the two servers. */
export class GmailSetting extends FacedSetting {
  readonly #servers: GmailServers;

  constructor(servers: GmailServers, parts: SettingParts) {
    super(parts);
    this.#servers = servers;
  }

  /** A mail is delivered to both sides, or to one; at the primary it gets these labels. */
  async deliver(raw: Buffer, labels: readonly string[] | null = ['INBOX'], to: 'both' | 'primary' = 'both', ageMs = DAY_MS): Promise<void> {
    const internalDate = Math.floor((Date.now() - ageMs) / 1000) * 1000;
    const through = (by: string): Buffer => Buffer.concat([Buffer.from(`Received: by ${by} with ESMTP\r\n`), raw]);
    if (labels !== null) await this.#servers.face.deliver(this.user, through('mx.google.com'), labels, { internalDate });
    if (to === 'both') await this.relay.append('INBOX', through('relay.example.net'), { internalDate });
  }

  /** How often messages were asked for whole, or in part. */
  fetched(): number {
    return this.proxy.commands
      .filter((one) => one.name === 'UID FETCH' && one.args.includes('BODY.PEEK[]'))
      .map((one) => one.args.split(' ', 1)[0]!)
      .flatMap((set) => set.split(','))
      .reduce((sum, range) => sum + 1 + (range.includes(':') ? Number(range.split(':')[1]) - Number(range.split(':')[0]) : 0), 0);
  }
}
