import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { ImapGateway, ImapSession, UnreadableMessage } from '../../main/engine/imap/gateway.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import type { Uid } from '../../shared/model/ids.ts';
import { openGatewaySession, type GatewaySessionOptions } from './gateway-session.ts';
import { startImapScript, type ImapScript, type ImapScriptOptions } from './imap-script.ts';

/** Source of the n-th message of a rig. */
export const scriptMail = (n: number): string =>
  `From: A <a@example.com>\r\nTo: b@example.org\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\nLine ${n}\r\n`;

/** Internal date of the n-th message: noon of that day of January 2025. */
export const scriptDay = (n: number): number => Date.UTC(2025, 0, n, 12);

export const uids = (...list: number[]): Uid[] => list as Uid[];

/** UIDs in order, those of unreadable messages negative. */
export const outcomes = (list: readonly ({ readonly uid: Uid } | UnreadableMessage)[]): number[] =>
  list.map((one) => ('error' in one ? -one.uid : one.uid));

export interface ImapRig {
  readonly server: ImapScript;
  readonly session: ImapSession;
}

/** Scripted servers and sessions of one test file; close() after each test. */
export class ImapRigs {
  #closers: (() => unknown)[] = [];

  async server(options: ImapScriptOptions = {}, messages = 5): Promise<ImapScript> {
    const server = await startImapScript(options);
    this.#closers.push(() => server.close());
    const inbox = server.store.get('INBOX');
    for (let n = 1; n <= messages; n += 1)
      inbox.add({ raw: scriptMail(n), internalDate: scriptDay(n), flags: n === 2 ? ['\\Seen', '$Forwarded'] : [] });
    return server;
  }

  async session(options: GatewaySessionOptions): Promise<ImapSession> {
    const session = await openGatewaySession(options);
    this.#closers.push(() => session.close());
    return session;
  }

  /** A server with this many messages in INBOX (the second one read and forwarded) and a session with it. */
  async open(options: ImapScriptOptions = {}, session: Partial<GatewaySessionOptions> = {}, messages = 5): Promise<ImapRig> {
    const server = await this.server(options, messages);
    return { server, session: await this.session({ port: server.port, ...session }) };
  }

  gateway(): ImapGateway {
    return createImapGateway({ clock: systemClock, log: silentLog });
  }

  async close(): Promise<void> {
    const closers = this.#closers.reverse();
    this.#closers = [];
    for (const close of closers) await close();
  }
}

/** Arguments of all commands of this name. */
export const sentArgs = (server: ImapScript, name: string): string[] =>
  server.commands.filter((command) => command.name === name).map((command) => command.args);
