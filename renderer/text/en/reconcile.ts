import type {
  ReconcileItemState,
  ReconcileKind,
  ReconcileOperation,
  ReconcileReason,
  ReconcileState,
} from '../../../shared/model/reconcile.ts';
import { clockGap } from '../clock-gap.ts';
import { counted } from '../counted.ts';

const n = counted('en');

export const reconcile = {
  title: 'After the outage',
  back: 'Back to mail',
  none: 'There has been no outage yet. After one, this page shows what was carried over to the mail server.',
  outage: (from: string, to: string) => `Outage from ${from} to ${to}`,
  outageSince: (from: string) => `Outage since ${from}`,
  states: {
    preview: 'Plan',
    'awaiting-approval': 'The plan waits for your approval',
    running: 'Being carried over',
    waiting: 'Waiting',
    finished: 'Finished',
  } satisfies Record<ReconcileState, string>,
  leads: {
    preview: 'The mail server is back. This is what will be carried over to it.',
    'awaiting-approval': 'The mail server is back. This is what will be carried over to it once you agree.',
    running: 'Please go on working; this happens in the background.',
    waiting: 'Most is done. What is left waits for the relay to deliver it.',
    finished: 'The mail server holds everything that was done, once.',
  } satisfies Record<ReconcileState, string>,
  leadOpen: 'Nearly everything was carried over. What is still open is listed below, with what you can do.',
  startsAt: (time: string) => `It begins by itself at ${time}.`,
  waitsUntil: (time: string) => `It goes on at ${time} at the latest.`,
  begin: 'Begin now',
  approve: 'Carry it over',
  kinds: {
    sent: 'Sent mail',
    received: 'Received mail',
    change: 'Changes',
    draft: 'Drafts',
    restore: 'Restored mail',
  } satisfies Record<ReconcileKind, string>,
  kindHints: {
    sent: 'One copy each in Sent on the mail server',
    received: 'Mail that reached only the relay',
    change: 'Marks, moves and deletions',
    draft: 'Filed on the mail server, or removed from it',
    restore: 'Put back by you',
  } satisfies Record<ReconcileKind, string>,
  relayClock: (ms: number) => {
    const { isAhead, unit, count } = clockGap(ms);
    const gap = unit === 'hours' ? n(count, 'an hour', '# hours') : n(count, 'a minute', '# minutes');
    return `The relay’s clock is about ${gap} ${isAhead ? 'fast' : 'slow'}. What came during the outage was told by when it was seen here; no mail was left out because of its date. Please tell your IT department.`;
  },
  balance: 'Balance',
  columns: { kind: 'Kind', expected: 'Expected', confirmed: 'Carried over', exceptions: 'To look at', open: 'Open' },
  total: 'Total',
  operations: {
    'prove-sent-copy': 'Make sure that one copy is in Sent',
    'resolve-unknown': 'Find out whether it was sent',
    'await-delivery': 'Wait for the relay to deliver it',
    'append-received': 'Copy it to the mail server',
    'replay-change': 'Make the change on the mail server',
    'file-draft': 'File the draft on the mail server',
    'remove-draft-copy': 'Remove the copy of the draft from the mail server',
    'restore-message': 'Put it back on the mail server',
    'note-double': 'Note that it is there twice',
    'note-unsent': 'Tell that it was not sent',
  } satisfies Record<ReconcileOperation, string>,
  reasons: {
    'sent-by-relay': 'sent through the relay',
    'sent-by-primary': 'sent through the mail server',
    'delivery-uncertain': 'the answer of the server was lost',
    'seen-at-relay-only': 'so far only the relay has it',
    'time-uncertain': 'the relay dated it wrongly: it may have come before the outage',
    'grace-over': 'the relay did not deliver it in time',
    'already-at-primary': 'the mail server has it already',
    'changed-here': 'changed here during the outage',
    'changed-on-both-sides': 'changed here and on the mail server',
    'written-here': 'written here during the outage',
    'discarded-here': 'discarded or sent here',
    'delivered-after-append': 'the relay delivered it later all the same',
    'not-sent': 'it was refused, or could no longer be read',
  } satisfies Record<ReconcileReason, string>,
  itemStates: { planned: 'planned', running: 'in progress', confirmed: 'carried over', exception: 'to look at' } satisfies Record<
    ReconcileItemState,
    string
  >,
  nextSteps: {
    'prove-sent-copy':
      'The mail was sent. Only its copy in Sent could not be proved; this computer has it. The outbox lets you try it again.',
    'resolve-unknown': 'Nobody can tell yet whether it was sent. The outbox shows what was found and lets you decide.',
    'await-delivery': 'This computer has the mail. “Restore” copies it to the mail server.',
    'append-received': 'This computer has the mail. “Restore” copies it to the mail server.',
    'replay-change': 'Nothing was overwritten. Open the message and make the change again if you still want it.',
    'file-draft': 'The draft is safe on this computer.',
    'remove-draft-copy':
      'The draft was discarded or sent here. Its copy is still in Drafts on the mail server; delete it if nobody needs it.',
    'restore-message': 'This computer has the mail. “Restore” tries it again.',
    'note-double': 'The mail server has this mail twice: delivered, and our copy. Our copy can be removed.',
    'note-unsent': 'It was not sent. The outbox says why, and lets you change it and send it again.',
  } satisfies Record<ReconcileOperation, string>,
  removeDouble: 'Remove our copy',
  restore: 'Restore',
  showMessage: 'Show message',
  showOutbox: 'Open outbox',
  done: 'Done.',
  items: (count: number) => n(count, '# entry', '# entries'),
  showItems: 'Show entries',
  hideItems: 'Hide entries',
  exceptions: 'To look at',
  noSubject: '(no subject)',
  more: (count: number) => n(count, 'Show # more', 'Show # more'),
  loading: 'Loading …',
  progress: 'Progress',
  save: 'Save the report',
  saveAs: { csv: 'As table (CSV)', json: 'As JSON' },
  savedAs: (name: string) => `Saved as “${name}”.`,
  earlier: 'Earlier reports',
  summary: (sent: string, received: string, changes: string, open: string) =>
    `All back to normal: ${sent} sent, ${received} received, ${changes} carried over, ${open} open.`,
  summaryOpen: (sent: string, received: string, changes: string, open: string) =>
    `Back to normal: ${sent} sent, ${received} received, ${changes} carried over, ${open} to look at.`,
  changes: (count: number) => n(count, '# change', '# changes'),
  lookAt: (count: number) => n(count, '# to look at', '# to look at'),
  noneOpen: 'nothing open',
  showReport: 'Show report',
  dismiss: 'Dismiss',
  noticeAsks: 'The plan for carrying everything over waits for your approval.',
  showPlan: 'Show plan',
};
