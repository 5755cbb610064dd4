import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import { startImapScript, type ImapScript, type ImapScriptOptions } from '../imap-script.ts';
import { SecondClient } from '../second-client.ts';

/** Scripted servers of one test and the clients on them, all ended by closeAll(). */
export class ScriptFixture {
  #servers: ImapScript[] = [];
  #clients: { close(): unknown }[] = [];

  async script(options: ImapScriptOptions = {}): Promise<ImapScript> {
    const server = await startImapScript(options);
    this.#servers.push(server);
    return server;
  }

  /** An imapflow client, logged in. */
  async flow(server: ImapScript, options: Partial<ImapFlowOptions> = {}): Promise<ImapFlow> {
    const auth = { user: 'alice', pass: 'pw-alice' };
    const client = new ImapFlow({ host: 'localhost', port: server.port, secure: false, auth, logger: false, ...options });
    client.on('error', () => undefined); // the calls under way fail with it
    this.#clients.push(client);
    await client.connect();
    return client;
  }

  async second(server: ImapScript): Promise<SecondClient> {
    const client = await SecondClient.connect({ port: server.port, user: 'alice', password: 'pw-alice' });
    this.#clients.push(client);
    return client;
  }

  async closeAll(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    for (const server of this.#servers.splice(0)) await server.close();
  }
}
