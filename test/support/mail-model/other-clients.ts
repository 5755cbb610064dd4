import { dateOf, messageIdOf, sourceOf } from '../../crash/world.ts';
import type { SecondClient } from '../second-client.ts';
import type { LifeState } from './life-state.ts';
import { KEPT_DAYS, LEFT_DAYS } from './model-check.ts';
import { modelMail, type ModelMailbox, type ServerModel, type Standing } from './server-model.ts';

const FLAGS = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'Wichtig'] as const;

export const THEIRS = [
  'append',
  'append',
  'append',
  'both',
  'flag',
  'flag',
  'move',
  'copy',
  'expunge',
  'create',
  'rename',
  'remove',
] as const;
export const AT_RELAY = ['relay-append', 'relay-flag', 'relay-expunge'] as const;

/** Another client at both servers: each change is made there and in the model. */
export class OtherClients {
  readonly #state: LifeState;

  constructor(state: LifeState) {
    this.#state = state;
  }

  async atPrimary(kind: (typeof THEIRS)[number], tag: string): Promise<string> {
    const client = this.#state.primary!;
    const { primary } = this.#state.model;
    if (kind === 'append' || kind === 'both') return this.#append(kind, tag);
    if (kind === 'create') {
      const path = `Neu ${tag}`;
      await client.create(path);
      await client.subscribe(path);
      primary.create(path);
      return `create ${path}`;
    }
    if (kind === 'rename' || kind === 'remove') return this.#changeMailbox(kind, tag);
    const filled = this.#named((one) => one.isMirrored && one.standings.size > 0);
    if (filled.length === 0) return 'nothing';
    const mailbox = this.#state.random.pick(filled);
    const some = this.#some(mailbox, (one) => (kind === 'flag' ? !this.#state.uncertain.has(one) : this.#state.mayOthers(one, kind)));
    if (some.length === 0) return 'nothing';
    const uids = some.map((one) => one.uid!);
    await client.select(mailbox.path);
    const words = `${kind} ${mailbox.path} ${uids.join(',')}`;
    if (kind === 'flag') {
      const mode = this.#state.random.pick(['+', '-'] as const);
      const flag = this.#state.random.pick(FLAGS);
      await client.store(uids, mode, [flag]);
      for (const one of some) {
        if (mode === '+') one.flags.add(flag);
        else one.flags.delete(flag);
        this.#state.touched.add(one);
      }
      return `${words} ${mode}${flag}`;
    }
    for (const one of some) this.#state.churn(one);
    if (kind === 'expunge') {
      await client.expunge(uids);
      for (const one of some) primary.expunge(one);
      return words;
    }
    const target = this.#state.random.pick(this.#named((one) => kind === 'copy' || one !== mailbox));
    await client[kind](uids, target.path);
    primary[kind](some, target);
    return `${words} to ${target.path}`;
  }

  async #append(kind: 'append' | 'both', tag: string): Promise<string> {
    const { primary, relay } = this.#state.model;
    const mailbox = kind === 'both' ? primary.at('INBOX') : this.#state.random.pick(this.#named((one) => one.isMirrored));
    const ageDays = this.#state.random.bool(0.85) ? this.#state.random.int(2, KEPT_DAYS) : this.#state.random.int(LEFT_DAYS, 60);
    const flags = this.#state.random.bool(0.3) ? [this.#state.random.pick(FLAGS)] : [];
    const seeded = { id: tag, path: mailbox.path, ageDays, bytes: this.#state.random.int(10, 4_000) };
    const give = async (client: SecondClient, server: ServerModel, side: 'primary' | 'relay'): Promise<void> => {
      const raw = sourceOf(seeded, side);
      const internalDate = dateOf(ageDays);
      await client.append(mailbox.path, raw, { flags, internalDate });
      server.append(server.at(mailbox.path), modelMail(messageIdOf(tag), raw, internalDate), flags);
    };
    await give(this.#state.primary!, primary, 'primary');
    if (kind === 'both') await give(this.#state.relay!, relay, 'relay');
    return `${kind} ${mailbox.path} ${tag} ${ageDays} d [${flags.join(' ')}]`;
  }

  async #changeMailbox(kind: 'rename' | 'remove', tag: string): Promise<string> {
    const client = this.#state.primary!;
    const { primary } = this.#state.model;
    const isLeft = (one: ModelMailbox): boolean => [...one.standings].every((standing) => this.#state.mayOthers(standing, 'expunge'));
    const isFree = (one: ModelMailbox): boolean => !this.#state.model.person.concerns(one);
    const mailbox = this.#ownMailbox((one) =>
      kind === 'remove' ? isLeft(one) && this.#state.isContentCertain(one) : isFree(one) || this.#state.isTellable(one),
    );
    if (!mailbox) return 'nothing';
    // Dovecot ends the connection of a client whose selected mailbox goes.
    await client.select('INBOX');
    const { path } = mailbox;
    if (kind === 'remove') {
      for (const one of mailbox.standings) this.#state.churn(one);
      await client.delete(path);
      primary.remove(mailbox);
      return `remove ${path}`;
    }
    const name = `Neu ${tag} umbenannt`;
    await client.rename(path, name);
    await client.subscribe(name);
    mailbox.path = name;
    this.#state.renamed.add(mailbox);
    return `rename ${path} to ${name}`;
  }

  /** Mailboxes at the primary that are where the model has them. */
  #named(allowed: (mailbox: ModelMailbox) => boolean): ModelMailbox[] {
    return this.#state.model.primary.mailboxes.filter((one) => this.#state.isNameCertain(one) && allowed(one));
  }

  /** One that somebody has made: it may go again. */
  #ownMailbox(allowed: (mailbox: ModelMailbox) => boolean): ModelMailbox | undefined {
    const all = this.#named((one) => one.path.startsWith('Neu') && allowed(one));
    return all.length === 0 ? undefined : this.#state.random.pick(all);
  }

  #some(mailbox: ModelMailbox, allowed: (one: Standing) => boolean): Standing[] {
    const all = [...mailbox.standings].filter((one) => one.uid !== null && !this.#state.ownDrafts.has(one) && allowed(one));
    return this.#state.random.shuffle(all).slice(0, this.#state.random.int(1, 3));
  }

  async atRelay(kind: (typeof AT_RELAY)[number], tag: string): Promise<string> {
    const client = this.#state.relay!;
    const { relay } = this.#state.model;
    const inbox = relay.at('INBOX');
    if (kind === 'relay-append') {
      const isNew = this.#state.isOutage;
      const ageDays = isNew ? 0 : this.#state.random.int(2, KEPT_DAYS);
      const raw = sourceOf({ id: tag, path: 'INBOX', ageDays, bytes: this.#state.random.int(10, 4_000) }, 'relay');
      const internalDate = isNew ? Math.floor(this.#state.rig.engine.deps.clock.now() / 1000) * 1000 : dateOf(ageDays);
      await client.append('INBOX', raw, { internalDate });
      const standing = relay.append(inbox, modelMail(messageIdOf(tag), raw, internalDate), []);
      if (isNew) this.#state.received.set(tag, standing);
      return `append ${tag}`;
    }
    const received = new Set(this.#state.received.values());
    const some = this.#some(inbox, (one) => !received.has(one));
    if (some.length === 0) return 'nothing';
    const uids = some.map((one) => one.uid!);
    await client.select('INBOX');
    if (kind === 'relay-expunge') {
      await client.expunge(uids);
      for (const one of some) relay.expunge(one);
      return `expunge ${uids.join(',')}`;
    }
    const flag = this.#state.random.pick(FLAGS);
    await client.store(uids, '+', [flag]);
    for (const one of some) one.flags.add(flag);
    return `flag ${uids.join(',')} +${flag}`;
  }
}
