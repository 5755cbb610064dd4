import { startDovecot, type Dovecot, type DovecotOptions } from './dovecot.ts';
import { startPostfix, type Postfix } from './postfix.ts';
import type { TlsIdentity } from './tls.ts';

/** One side with everything a mail client needs: IMAP and submission. */
export interface MailSide {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  /** An outage: both servers gone at once, files kept. */
  down(signal?: 'TERM' | 'KILL'): Promise<void>;
  up(): Promise<void>;
}

/** A company's own server and the relay before it. */
export interface MailPair {
  readonly primary: MailSide;
  /** Takes mail for the domain, keeps a copy in its own INBOX and hands it on to the primary, or queues it while that is away. */
  readonly relay: MailSide;
  /** Hands all that the relay has queued to the primary. */
  flush(): Promise<void>;
  dispose(): Promise<void>;
}

export interface MailPairOptions {
  /** Default `alice`; login name is the local part of the address, password `pw-<name>`. */
  readonly users?: readonly string[];
  readonly domain?: string;
  readonly tls?: TlsIdentity;
  /** Port of a server that takes mail for other domains; default: it is dropped. */
  readonly outsidePort?: number;
  /** The relay tells a sender when a mail is still queued after so long (default: never). */
  readonly delayWarningSeconds?: number;
  /** More for both Dovecots. */
  readonly dovecot?: DovecotOptions;
}

function side(dovecot: Dovecot, postfix: Postfix): MailSide {
  return {
    dovecot,
    postfix,
    down: async (signal) => void (await Promise.all([dovecot.stop(signal), postfix.stop(signal)])),
    up: async () => {
      await dovecot.start();
      await postfix.start();
    },
  };
}

/** Starts the two sides as real servers: Dovecot and Postfix each. */
export async function startMailPair(options: MailPairOptions = {}): Promise<MailPair> {
  const { users = ['alice'], domain = 'example.com', tls, outsidePort, delayWarningSeconds } = options;
  const started: { dispose(): Promise<void> }[] = [];
  const dispose = async (): Promise<void> => {
    for (const one of [...started].reverse()) await one.dispose();
  };
  const make = async (hostName: string, forwardPort?: number): Promise<MailSide> => {
    const dovecot = await startDovecot({ users, ...(tls ? { tls } : {}), ...options.dovecot, isForPostfix: true });
    started.push(dovecot);
    const postfix = await startPostfix({
      dovecot,
      users,
      domain,
      hostName,
      ...(tls ? { tls } : {}),
      ...(outsidePort === undefined ? {} : { outsidePort }),
      ...(forwardPort === undefined ? {} : { forwardPort }),
      ...(forwardPort === undefined || delayWarningSeconds === undefined ? {} : { delayWarningSeconds }),
    });
    started.push(postfix);
    return side(dovecot, postfix);
  };
  try {
    const primary = await make('primary.test');
    const relay = await make('relay.test', primary.postfix.inboundPort);
    return { primary, relay, flush: () => relay.postfix.flush(), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
