import type { MessageRow, MessageView } from '../../shared/model/message.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';

/** Control characters in mail must not reach the terminal. */
// eslint-disable-next-line no-control-regex -- that is what is taken out
const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu, '');

export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, String(cell).length)));
  return rows
    .map((row) =>
      row
        .map((cell, index) => clean(String(cell)).padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function formatRow(row: MessageRow): string {
  const marks = `${row.isSeen ? ' ' : 'N'}${row.isFlagged ? '*' : ' '}${row.hasAttachments ? '@' : ' '}`;
  const who = row.people[0] ? row.people[0].name || row.people[0].address : '';
  const sides = row.isRecoverable ? 'recoverable' : row.sides.join('+');
  return clean(`${row.id} ${marks} ${new Date(row.internalDate).toISOString()} [${sides}] ${who}: ${row.subject}`);
}

export function formatView(view: MessageView): string {
  const people = (list: MessageView['to']) => list.map((one) => (one.name ? `${one.name} <${one.address}>` : one.address)).join(', ');
  const lines = [
    `From: ${people(view.from)}`,
    `To: ${people(view.to)}`,
    ...(view.cc.length > 0 ? [`Cc: ${people(view.cc)}`] : []),
    `Subject: ${view.row.subject}`,
    `Date: ${new Date(view.row.sentDate ?? view.row.internalDate).toISOString()}`,
    ...view.placements.map((one) => `Seen: ${one.side} ${one.path} UID ${one.uid} (${one.state})`),
    ...view.attachments.map((one) => `Attachment ${one.index}: ${one.fileName} (${one.mimeType}, ${one.sizeBytes} bytes)`),
    ...view.problems.map((one) => `Problem: ${one.code} ${one.detail}`),
    '',
    view.text ?? '',
  ];
  return lines.map(clean).join('\n');
}

export function formatState(state: SideSyncState): string {
  const progress = state.bodiesTotal > 0 ? ` bodies ${state.bodiesDone}/${state.bodiesTotal}` : '';
  const error = state.error ? ` ${state.error.code}` : '';
  return `${state.side}: ${state.phase}${progress}${error}`;
}
