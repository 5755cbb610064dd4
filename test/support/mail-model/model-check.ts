import { createHash } from 'node:crypto';
import type { Side } from '../../../shared/model/account.ts';
import type { EngineRig } from '../engine-rig.ts';
import { readSnapshot, type MailboxState, type MessageState } from '../dovecot-snapshot.ts';
import type { SecondClient } from '../second-client.ts';
import type { ModelMailbox, ServerModel, Standing } from './server-model.ts';

const DAY = 86_400_000;

/** Ages in days: mail up to the first is surely in a window of 30 days, from the second on surely left out of it. */
export const KEPT_DAYS = 28;
export const LEFT_DAYS = 36;

const flagText = (flags: Iterable<string>): string =>
  [...flags]
    .map((flag) => (flag.startsWith('\\') ? flag.toLowerCase() : flag))
    .sort()
    .join(' ');

const isLike = (one: Standing, found: MessageState): boolean =>
  flagText(one.flags) === flagText(found.flags) &&
  (one.mail === null || (one.mail.sha256 === found.sha256 && one.mail.internalDate === found.internalDate));

/** Gives what the product has put into a mailbox the UIDs it got there: new ones, each for one message. */
function learnUids(mailbox: ModelMailbox, state: MailboxState, uidNext: number): string[] {
  const known = new Set([...mailbox.standings].map((one) => one.uid));
  const fresh = state.messages.filter((one) => one.uid >= (mailbox.ownFrom ?? mailbox.uidNext) && !known.has(one.uid));
  const missing: string[] = [];
  for (const standing of mailbox.standings) {
    if (standing.uid !== null) continue;
    const at = fresh.findIndex((one) => isLike(standing, one));
    const found = at < 0 ? undefined : fresh.splice(at, 1)[0];
    if (!found) {
      missing.push(`server ${mailbox.path}: ${standing.mail?.messageId ?? 'a draft'} [${flagText(standing.flags)}] did not arrive`);
      continue;
    }
    standing.uid = found.uid;
    const { sha256, size, internalDate } = found;
    standing.mail ??= { messageId: `<draft of UID ${found.uid} in ${mailbox.path}>`, sha256, sizeBytes: size, internalDate };
  }
  if (uidNext < mailbox.uidNext) missing.push(`server ${mailbox.path}: UIDNEXT ${uidNext} instead of ${mailbox.uidNext} or more`);
  mailbox.uidNext = uidNext;
  delete mailbox.ownFrom;
  return missing;
}

function compare(
  place: string,
  one: Standing,
  found: Omit<MessageState, 'uid' | 'flags'> & { readonly flags: Iterable<string> },
): string[] {
  const wrong: string[] = [];
  const { mail, flags } = one;
  if (flagText(found.flags) !== flagText(flags)) wrong.push(`${place}: flags [${flagText(found.flags)}] instead of [${flagText(flags)}]`);
  if (found.internalDate !== mail?.internalDate) wrong.push(`${place}: internal date`);
  if (found.size !== mail?.sizeBytes) wrong.push(`${place}: size ${found.size} instead of ${mail?.sizeBytes}`);
  if (found.sha256 !== mail?.sha256) wrong.push(`${place}: bytes`);
  return wrong;
}

/** What of ours has arrived in a look that was cut off has its UIDs; others get those that follow. */
export async function followCounters(model: ServerModel, client: SecondClient): Promise<void> {
  const remote = await readSnapshot(client);
  for (const mailbox of model.mailboxes) {
    // One that we have renamed or removed in that look is under its old name here.
    if (!remote.has(mailbox.path)) continue;
    mailbox.ownFrom ??= mailbox.uidNext;
    mailbox.uidNext = await client.uidNext(mailbox.path);
  }
}

/** What server and model disagree about. Learns the UIDs of what the product has put there. */
export async function compareServer(model: ServerModel, client: SecondClient): Promise<string[]> {
  const remote = await readSnapshot(client);
  const wrong: string[] = [];
  for (const mailbox of model.mailboxes) {
    const state = remote.get(mailbox.path);
    remote.delete(mailbox.path);
    if (!state) {
      wrong.push(`server ${mailbox.path}: missing`);
      continue;
    }
    wrong.push(...learnUids(mailbox, state, await client.uidNext(mailbox.path)));
    const expected = new Map([...mailbox.standings].map((one) => [one.uid, one]));
    for (const message of state.messages) {
      const one = expected.get(message.uid);
      expected.delete(message.uid);
      const place = `server ${mailbox.path} UID ${message.uid}`;
      wrong.push(...(one ? compare(place, one, message) : [`${place}: not expected`]));
    }
    for (const uid of expected.keys()) if (uid !== null) wrong.push(`server ${mailbox.path} UID ${uid}: missing`);
  }
  for (const path of remote.keys()) wrong.push(`server ${path}: not expected`);
  return wrong;
}

/** What the local copy of one side and the model disagree about. */
export function compareLocal(model: ServerModel, { engine, accountId }: EngineRig, side: Side): string[] {
  const { store, deps } = engine;
  const wrong: string[] = [];
  const rows = new Map(store.mailboxes.list(accountId, side).flatMap((one) => (one.isMirrored ? [[one.path, one] as const] : [])));
  for (const mailbox of model.mailboxes.filter((one) => one.isMirrored)) {
    const row = rows.get(mailbox.path);
    rows.delete(mailbox.path);
    if (!row) {
      wrong.push(`${side} ${mailbox.path}: not mirrored`);
      continue;
    }
    const local = new Map(store.placements.inMailbox(row.id, 'present').map((one) => [one.uid as number, one]));
    for (const one of mailbox.standings) {
      const place = `${side} ${mailbox.path} UID ${one.uid}`;
      const found = local.get(one.uid ?? 0);
      local.delete(one.uid ?? 0);
      if (found) {
        const isWhole = found.sourceId !== null && found.bodyState === 'complete';
        const sha256 = isWhole ? digestOf(store.sources.raw(found.sourceId)) : found.bodyState;
        const { internalDate, sizeBytes: size } = found;
        wrong.push(...compare(place, one, { flags: found.flags.split(' ').filter(Boolean), internalDate, size, sha256 }));
      } else if (isKept(one, deps.clock.now())) wrong.push(`${place}: missing`);
    }
    for (const uid of local.keys()) wrong.push(`${side} ${mailbox.path} UID ${uid}: not expected`);
  }
  for (const path of rows.keys()) wrong.push(`${side} ${path}: not expected`);
  return wrong;
}

/** Whether the copy of the last 30 days has to hold it; of what lies between it may. */
export function isKept({ mail, flags }: Standing, now: number): boolean {
  return flags.has('\\Flagged') || (mail !== null && mail.internalDate > now - (KEPT_DAYS + 1) * DAY);
}

function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
