import { createHash } from 'node:crypto';
import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { Side } from '../../shared/model/account.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { frozenFor, type OutboxRig } from '../support/outbox-rig.ts';
import type { Place } from './points.ts';

/** The clock of killed process and recovery runs so many times as fast as the machine's. */
export const CLOCK_RATE = 300;
/** With a person, who has to be there before the undo window is over. */
export const PERSON_RATE = 60;

/** The n-th point (0: none), or a named one. */
export type CrashAt = number | Place;

/** What the process that is killed is told on standard input. */
export interface OutboxTask {
  readonly dir: string;
  readonly keyHex: string;
  /** Submission and mailboxes of both sides. */
  readonly smtp: Readonly<Record<Side, number>>;
  readonly imap: Readonly<Record<Side, number>>;
  readonly run: number;
  /** `send`: two mails. `person`: mails with which a person does what a person can. `resume`: what an earlier process left. `rare`: what seldom happens to mail. */
  readonly mode: 'send' | 'person' | 'resume' | 'rare';
  /** How much later than now it is. */
  readonly aheadMs: number;
  /** Kill there: each durable step, each phase of a submission, each answer of a server, before, in and after each commit. */
  readonly crashAt: CrashAt;
}

/** Longer than the outbox keeps what ended. */
export const FORGOTTEN_AFTER_MS = 60 * 86_400_000;

/** Ends of every recipient but the one that is refused. */
export const expectedOf = (run: number): Readonly<Record<string, readonly string[]>> => ({
  [`<one-${run}@crash.example.com>`]: ['a@example.com'],
  [`<two-${run}@crash.example.com>`]: ['a@example.com', 'slow@example.com'],
});

export const BLIND = 'Blind <b@example.com>';
/** More than one piece of what the store keeps, so that there is a place inside the body. */
const LARGE_TEXT = 'many words in a line of usual length, again and again and again\r\n'.repeat(4_500);

/** Two mails: a large one, and one with a recipient who is put off at first and one who is refused. */
export function mailsOf(rig: OutboxRig, run: number): FrozenMessage[] {
  const [one = '', two = ''] = Object.keys(expectedOf(run));
  const base = { sendAfter: rig.clock.now(), bcc: [BLIND] };
  const to = (...names: string[]) => ({ from: 'anna@example.com', to: names.map((name) => `${name}@example.com`) });
  return [
    frozenFor(rig, { ...base, messageId: one, envelope: to('a'), text: LARGE_TEXT }),
    frozenFor(rig, { ...base, messageId: two, envelope: to('a', 'slow', 'gone') }),
  ];
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const ROUND_MS = 20;

/** Runs both sides' jobs until nothing happens by itself any more. */
export async function runToRest(
  rig: OutboxRig,
  imap: OutboxTask['imap'],
  wrap: (session: ImapSession) => ImapSession = (session) => session,
): Promise<void> {
  const sessions = new Map<Side, ImapSession>();
  for (let round = 0; round < 400 && !isAtRest(rig); round += 1) {
    for (const side of ['primary', 'relay'] as const) {
      const known = sessions.get(side);
      const session = known?.isOpen ? known : wrap(await openGatewaySession({ port: imap[side], side }));
      sessions.set(side, session);
      await rig.runJobs(side, session);
    }
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
  for (const session of sessions.values()) await session.close();
}

function isAtRest(rig: OutboxRig): boolean {
  const rows = rig.store.inStates(rig.account.id, ['queued', 'submitting', 'accepted', 'unknown', 'rejected']);
  const isOpen = rows.some((row) => row.state === 'queued' || row.state === 'submitting' || row.state === 'accepted');
  const isCopyOpen = rig.store.awaitingCopy(rig.account.id).length > 0;
  const isSearched = rows
    .filter((row) => row.state === 'unknown' && row.acceptedAt === null)
    .every((row) => (['primary', 'relay'] as const).every((side) => rig.store.evidence.searched(row.id, side, 0).count > 1));
  return !isOpen && !isCopyOpen && isSearched;
}
