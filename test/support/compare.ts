import { createHash } from 'node:crypto';
import type { Side } from '../../shared/model/account.ts';
import { mailboxWindowStart } from '../../main/engine/mirror/window.ts';
import { asUidValidity } from '../../shared/model/ids.ts';
import type { EngineRig } from './engine-rig.ts';
import { snapshot, type MailboxState } from './dovecot-snapshot.ts';
import type { Dovecot } from './dovecot.ts';
import type { CaseTally } from './figures.ts';

/** What a side's mirror and its server disagree about, in words; empty means equal. */
export async function differences(
  rig: Pick<EngineRig, 'engine' | 'accountId'>,
  of: Side,
  server: Dovecot,
  user: string,
): Promise<string[]> {
  return differencesFrom(rig, of, await snapshot(server, user));
}

/** As differences, from what a server is known to hold. */
export function differencesFrom(
  rig: Pick<EngineRig, 'engine' | 'accountId'>,
  of: Side,
  remote: ReadonlyMap<string, MailboxState>,
): string[] {
  const found: string[] = [];
  const { store } = rig.engine;
  const mailboxes = store.mailboxes.list(rig.accountId, of).filter((one) => one.isMirrored);
  for (const [path, state] of remote) {
    const mailbox = mailboxes.find((one) => one.path === path);
    if (!mailbox) {
      const isLeftOut = store.mailboxes.list(rig.accountId, of).some((one) => one.path === path && !one.isMirrored);
      if (!isLeftOut) found.push(`${path}: not mirrored`);
      continue;
    }
    if (mailbox.uidValidity !== asUidValidity(state.uidValidity)) found.push(`${path}: UIDVALIDITY`);
    const { retention } = store.accounts.get(rig.accountId).config;
    const since = mailboxWindowStart(rig.engine.deps.clock.now(), retention, mailbox);
    const local = new Map(
      store.placements
        .inMailbox(mailbox.id, 'present')
        .filter((one) => one.uidValidity === mailbox.uidValidity)
        .map((one) => [one.uid as number, one]),
    );
    for (const message of state.messages) {
      const one = local.get(message.uid);
      local.delete(message.uid);
      const name = `${path} UID ${message.uid}`;
      const isWanted = message.internalDate >= since || message.flags.some((flag) => flag.toLowerCase() === '\\flagged');
      if (!one && !isWanted) continue;
      if (!one) found.push(`${name}: missing`);
      else {
        const flags = message.flags
          .map((flag) => (flag.startsWith('\\') ? flag.toLowerCase() : flag))
          .sort()
          .join(' ');
        if (one.flags !== flags) found.push(`${name}: flags [${one.flags}] instead of [${flags}]`);
        if (one.internalDate !== message.internalDate) found.push(`${name}: internal date`);
        if (one.sizeBytes !== message.size) found.push(`${name}: size ${one.sizeBytes} instead of ${message.size}`);
        if (one.sourceId === null || one.bodyState !== 'complete') found.push(`${name}: body ${one.bodyState}`);
        else if (digestOf(store.sources.raw(one.sourceId)) !== message.sha256) found.push(`${name}: bytes differ`);
      }
    }
    for (const uid of local.keys()) found.push(`${path} UID ${uid}: not on the server`);
  }
  for (const mailbox of mailboxes) if (!remote.has(mailbox.path)) found.push(`${mailbox.path}: not on the server`);
  return found;
}

function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Counts what `differences` found: a message that is missing here, one that nobody has any more, and whatever else is not equal. */
export function countDifferences(tally: CaseTally, found: readonly string[]): void {
  for (const one of found) {
    if (one.endsWith(': missing')) tally.lost += 1;
    else if (one.endsWith(': not on the server')) tally.duplicated += 1;
    else tally.stuck += 1;
  }
}
