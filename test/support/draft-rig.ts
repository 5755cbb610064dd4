import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import type { DraftContent } from '../../shared/model/compose.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import { EngineRig, type RigOptions } from './engine-rig.ts';
import { startImapScript, type ImapScript, type ImapScriptOptions, type ScriptMessage } from './imap-script.ts';
import { emptyContent } from './draft-random.ts';

const DAY_MS = 86_400_000;

/** An engine on a scripted primary with INBOX, Drafts and Sent, and a wall clock that a test can put forward. */
export class DraftRig {
  readonly server: ImapScript;
  rig!: EngineRig;
  #aheadMs = 0;

  private constructor(server: ImapScript) {
    this.server = server;
  }

  static async open(options: Partial<RigOptions> = {}, script: ImapScriptOptions = {}): Promise<DraftRig> {
    const server = await startImapScript(script);
    const made = new DraftRig(server);
    server.store.create('Drafts', { specialUse: '\\Drafts' });
    server.store.create('Sent', { specialUse: '\\Sent' });
    const config = { email: 'alice@example.com', displayName: 'Alice', signature: 'Alice\nExample Ltd', ...options.config };
    made.rig = await EngineRig.open({
      primary: { port: server.port, user: 'alice', password: 'pw-alice' },
      clock: made.clock,
      ...options,
      config,
    });
    return made;
  }

  get clock(): Clock {
    return { ...systemClock, now: () => systemClock.now() + this.#aheadMs };
  }

  get desk() {
    return this.rig.engine.features.compose.desk;
  }

  get store() {
    return this.rig.engine.store;
  }

  pass(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Longer than a pause in the writing, then a look at the server with all jobs. */
  async file(): Promise<void> {
    this.pass(20_000);
    await this.rig.mirror();
  }

  content(change: Partial<DraftContent> = {}): DraftContent {
    return emptyContent({ accountId: this.rig.accountId, ...change });
  }

  /** Messages of a mailbox of the server that are not marked as deleted. */
  messages(path: string): ScriptMessage[] {
    return this.server.store.get(path).messages.filter((one) => ![...one.flags].some((flag) => flag.toLowerCase() === '\\deleted'));
  }

  texts(path: string): string[] {
    return this.messages(path).map((one) => one.raw.toString('utf8'));
  }

  receive(raw: string, path = 'INBOX', flags: readonly string[] = []): ScriptMessage {
    return this.server.store.get(path).add({ raw: raw.replaceAll(/\r?\n/gu, '\r\n'), internalDate: Date.now() - DAY_MS, flags });
  }

  entry(path: string, at = 0): EntryId {
    const row = this.rig.rows(path)[at];
    if (!row) throw new Error(`no entry ${at} in ${path}`);
    return row.id;
  }

  async close(): Promise<void> {
    await this.rig.close();
    await this.server.close();
  }
}
