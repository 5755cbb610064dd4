import { hostname } from 'node:os';
import { readWipeNote, writeWipeNote, type WipeNote } from '../../keys/wipe.ts';
import { failureKind, fileWord, handIn } from '../../policy/hand-in.ts';
import type { Way } from '../../policy/post-json.ts';
import type { AppLog } from '../log-file.ts';

export interface WipeReportParts {
  readonly profileDir: string;
  readonly log: AppLog;
  /** How IT's server is reached by the policy that holds now; asked for where there is something to report. */
  readonly way: () => Promise<Way>;
}

/** Tells IT what was erased, and what with it; tried again at the next start. Never throws. */
export async function reportWipe({ profileDir, log, way }: WipeReportParts, note: WipeNote): Promise<void> {
  if (note.report === null || note.isReported) return;
  const { order, at, unsent, areKeysGone, areFilesGone, left } = note;
  const body = {
    format: 'holdover-wipe-1',
    device: hostname(),
    order,
    orderedAt: new Date(at).toISOString(),
    areKeysGone,
    areFilesGone,
    left,
    unsent,
  };
  try {
    const name = `${fileWord(hostname())}-${fileWord(order)}.json`;
    await handIn(note.report, name, `${JSON.stringify(body, null, 2)}\n`, await way());
    // Another order may have begun meanwhile: its note is not this one's.
    const now = readWipeNote(profileDir);
    if (now?.order === order) writeWipeNote(profileDir, { ...now, isReported: true });
  } catch (error) {
    log.write('warn', { ev: 'wipe.not-reported', kind: failureKind(error) });
  }
}
