import { createTransport } from 'nodemailer';
import { startPlug, type Plug } from '../../../scripts/demo/plug.mjs';
import type { AccountConfigInput, Side } from '../../../shared/model/account.ts';
import { changePassword } from '../../support/dovecot-password.ts';
import { startMailPair, type MailPair } from '../../support/mail-pair.ts';
import { startSmtpScript, type SmtpScript } from '../../support/smtp-script.ts';
import { tlsIdentity } from '../../support/tls.ts';
import type { SecondClient } from '../../support/second-client.ts';

const USER = 'alice';
const PASSWORD = 'pw-alice';
export const OWNER = 'alice@example.com';
export const SIGNATURE = 'Alice Brandt\nBeispiel GmbH';

/** How the primary goes. */
export type OutageKind = 'stopped' | 'blackhole' | 'log-in refused';

type Plugs = Readonly<Record<Side, { readonly imap: Plug; readonly smtp: Plug }>>;

/** A company's servers with plugs before them, and the world beyond. */
export class OutageWorld {
  readonly pair: MailPair;
  /** Takes what goes to other domains. */
  readonly outside: SmtpScript;
  readonly #plugs: Plugs;
  #kind: OutageKind | null = null;

  private constructor(pair: MailPair, outside: SmtpScript, plugs: Plugs) {
    this.pair = pair;
    this.outside = outside;
    this.#plugs = plugs;
  }

  static async start(): Promise<OutageWorld> {
    const tls = tlsIdentity();
    const outside = await startSmtpScript({ capabilities: ['8BITMIME', 'SMTPUTF8'] });
    const pair = await startMailPair({ users: [USER], outsidePort: outside.port, dovecot: { tls } });
    const plugsOf = async (side: Side) => ({
      imap: await startPlug(side === 'relay' ? pair.relay.dovecot.imapsPort : pair.primary.dovecot.imapPort),
      smtp: await startPlug(pair[side].postfix.submissionPort),
    });
    return new OutageWorld(pair, outside, { primary: await plugsOf('primary'), relay: await plugsOf('relay') });
  }

  get config(): AccountConfigInput {
    const side = (of: Side) => {
      const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: USER });
      return { imap: endpoint(this.#plugs[of].imap.port), smtp: endpoint(this.#plugs[of].smtp.port) };
    };
    const continuity = { stableSeconds: 2, previewSeconds: 1, deliveryGraceSeconds: 15, undoSendSeconds: 0 };
    // Servers that are all on this machine need no network: an account with one that may be elsewhere can be offline.
    const { imap, smtp } = side('relay');
    const relay = { imap: { ...imap, host: '127.1', security: 'tls' as const, caFile: tlsIdentity().caFile }, smtp };
    return {
      email: OWNER,
      displayName: 'Alice Brandt',
      signature: SIGNATURE,
      primary: side('primary'),
      relay,
      pollSeconds: 10,
      continuity,
    };
  }

  get secrets() {
    const one = { imap: { type: 'password', password: PASSWORD } };
    return { primary: one, relay: one };
  }

  async breakPrimary(kind: OutageKind): Promise<void> {
    this.#kind = kind;
    const { imap, smtp } = this.#plugs.primary;
    if (kind === 'blackhole') {
      imap.blackhole(true);
      smtp.blackhole(true);
    } else if (kind === 'stopped') {
      await Promise.all([imap.stop(), smtp.stop(), this.pair.primary.down('KILL')]);
    } else {
      await changePassword(this.pair.primary.dovecot, USER, 'another one');
      imap.cut();
      smtp.cut();
    }
  }

  async mendPrimary(): Promise<void> {
    const { imap, smtp } = this.#plugs.primary;
    if (this.#kind === 'stopped') {
      await this.pair.primary.up();
      await Promise.all([imap.start(), smtp.start()]);
    } else if (this.#kind === 'blackhole') {
      imap.blackhole(false);
      smtp.blackhole(false);
    } else await changePassword(this.pair.primary.dovecot, USER, PASSWORD);
    this.#kind = null;
  }

  /** The relay's queue gets its mail through: Postfix by itself would wait for minutes. */
  flush(): Promise<void> {
    return this.pair.flush();
  }

  async unplugRelay(): Promise<void> {
    const { imap, smtp } = this.#plugs.relay;
    await Promise.all([imap.stop(), smtp.stop()]);
  }

  async plugRelay(): Promise<void> {
    const { imap, smtp } = this.#plugs.relay;
    await Promise.all([imap.start(), smtp.start()]);
  }

  /** Mail from outside, as it comes in: to the relay, which keeps a copy and hands it on. */
  async arrive(ids: readonly string[], cc: readonly string[] = []): Promise<void> {
    const transport = createTransport({ host: '127.0.0.1', port: this.pair.relay.postfix.inboundPort, ignoreTLS: true });
    for (const id of ids) {
      const text = `Text of ${id}.\r\nSecond line.\r\n`;
      await transport.sendMail({
        from: 'Bernd <bernd@partner.test>',
        to: OWNER,
        cc: [...cc],
        subject: `Subject ${id}`,
        messageId: messageIdOf(id),
        text,
      });
    }
    transport.close();
  }

  client(side: Side): Promise<SecondClient> {
    return this.pair[side].dovecot.connect(USER);
  }

  async dispose(): Promise<void> {
    for (const { imap, smtp } of Object.values(this.#plugs)) await Promise.all([imap.stop(), smtp.stop()]);
    await this.pair.dispose();
    await this.outside.close();
  }
}

export const messageIdOf = (id: string): string => `<${id}@partner.test>`;
