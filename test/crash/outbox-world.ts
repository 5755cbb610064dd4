import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';
import type { ImapSession } from '../../main/engine/imap/gateway.ts';
import type { Side } from '../../shared/model/account.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { frozenFor, type OutboxRig } from '../support/outbox-rig.ts';

/** What the process that is killed is told on standard input. */
export interface OutboxTask {
  readonly dir: string;
  readonly keyHex: string;
  /** Submission and mailboxes of both sides. */
  readonly smtp: number;
  readonly imap: Readonly<Record<Side, number>>;
  readonly run: number;
  /** Kill at the n-th point: each durable step, each answer of a server, before and after each commit; 0 runs to the end. */
  readonly crashAt: number;
}

/** Ends of every recipient but the one that is refused. */
export const expectedOf = (run: number): Readonly<Record<string, readonly string[]>> => ({
  [`<one-${run}@crash.example.com>`]: ['a@example.com'],
  [`<two-${run}@crash.example.com>`]: ['a@example.com', 'slow@example.com'],
});

/** Two mails: a plain one, and one with a recipient who is put off at first and one who is refused. */
export function mailsOf(rig: OutboxRig, run: number): FrozenMessage[] {
  const [one = '', two = ''] = Object.keys(expectedOf(run));
  const base = { sendAfter: rig.clock.now(), bcc: ['Blind <b@example.com>'] };
  return [
    frozenFor(rig, { ...base, messageId: one, envelope: { from: 'anna@example.com', to: ['a@example.com'] } }),
    frozenFor(rig, {
      ...base,
      messageId: two,
      envelope: { from: 'anna@example.com', to: ['a@example.com', 'slow@example.com', 'gone@example.com'] },
    }),
  ];
}

const ROUND_MS = 20;

/** Runs both sides' jobs until nothing happens by itself any more. */
export async function runToRest(rig: OutboxRig, imap: OutboxTask['imap'], wrap: (session: ImapSession) => ImapSession): Promise<void> {
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
