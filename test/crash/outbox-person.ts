import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import { asEntryId, type OutboxId } from '../../shared/model/ids.ts';
import { frozenFor, type OutboxRig } from '../support/outbox-rig.ts';
import { BLIND } from './outbox-world.ts';

/** What a person does with a mail of this test, and whom it is for. */
const ROLES = {
  cancel: 'a@example.com',
  'send-now': 'a@example.com',
  edit: 'gone@example.com',
  resend: 'untaken@example.com',
  'mark-sent': 'taken@example.com',
} as const;
export type Role = keyof typeof ROLES;
const roles = Object.keys(ROLES) as Role[];
const UNDO_MS = 3_600_000;
/** From handing the mails over to "send now". */
const SPARE_MS = 60_000;

/** Each run has addresses of its own: a server loses a mail to one of them once. */
const addressOf = (role: Role, run: number): string => ROLES[role].replace('@', `@r${run}.`);
export const personIdOf = (role: Role, run: number): string => `<${role}-${run}@crash.example.com>`;

/** Who gets the mail in the end. */
export const personExpected = (run: number): readonly { readonly role: Role; readonly messageId: string; readonly to: string | null }[] =>
  roles.map((role) => ({
    role,
    messageId: personIdOf(role, run),
    to: role === 'cancel' || role === 'edit' ? null : addressOf(role, run),
  }));

/** One mail for each thing that a person can do. */
export function personMails(rig: OutboxRig, run: number): FrozenMessage[] {
  const now = rig.clock.now();
  return roles.map((role) =>
    frozenFor(rig, {
      ...{ messageId: personIdOf(role, run), bcc: [BLIND], envelope: { from: 'anna@example.com', to: [addressOf(role, run)] } },
      sendAfter: role === 'cancel' || role === 'send-now' ? now + UNDO_MS : now,
      ...(role === 'mark-sent' ? { original: { entryId: asEntryId(1), kind: 'reply' as const } } : {}),
    }),
  );
}

/** Does it, once it can be done; `told` when it is done. */
export async function doAsPerson(rig: OutboxRig, ids: readonly OutboxId[], told: (line: string) => void): Promise<void> {
  const idOf = (role: Role): OutboxId => ids[roles.indexOf(role)]!;
  rig.outbox.cancel(idOf('cancel'));
  told('done cancel');
  rig.outbox.sendNow(idOf('send-now'));
  told('done send-now');
  await rig.reaches(idOf('edit'), 'rejected');
  rig.outbox.edit(idOf('edit'));
  told('done edit');
  await rig.reaches(idOf('resend'), 'unknown');
  rig.outbox.resend(idOf('resend'));
  told('done resend');
  await rig.reaches(idOf('mark-sent'), 'unknown');
  rig.outbox.markSent(idOf('mark-sent'));
  told('done mark-sent');
}

/** Whether what a person was told is done is done in what a killed process left. */
export function isDone(role: Role, row: OutboxRow | null): boolean {
  if (row === null) return false;
  if (role === 'cancel') return row.state === 'cancelled';
  if (role === 'edit') return row.state === 'rejected' && row.dismissedAt !== null;
  if (role === 'mark-sent') return row.state === 'accepted' || row.state === 'filed';
  // Sent again, it may be uncertain once more by now.
  return role === 'resend' ? row.wasUncertain || row.acceptedAt !== null : row.sendAfter < row.createdAt + UNDO_MS - SPARE_MS;
}
