import { hostname } from 'node:os';
import { app, dialog } from 'electron';
import type { Policy } from '../../../shared/policy/schema.ts';
import { beginWipe, carryOutWipe, readWipeNote, type WipeNote } from '../../keys/wipe.ts';
import { reportWipe, type WipeReportParts } from './wipe-report.ts';

const STOP_MS = 5_000;
/** A person who is not there must not keep the app open. */
const TOLD_MS = 60_000;
const words = {
  en: 'Your IT has erased your mail on this computer. Ask them if you did not expect it.',
  de: 'Ihre IT hat Ihre Mail auf diesem Computer gelöscht. Fragen Sie dort nach, wenn Sie das nicht erwartet haben.',
};

export interface WipeParts extends WipeReportParts {
  readonly language: () => 'de' | 'en';
  readonly stopEngine: (timeoutMs: number) => Promise<void>;
}

const isThis = (name: string): boolean => {
  const own = hostname().toLowerCase();
  return name === '*' || name.toLowerCase() === own || name.toLowerCase() === own.split('.')[0];
};

/** Whether this device has an order that it has not obeyed yet. */
export function isOrdered(wipe: Policy['wipe'], done: WipeNote | null): wipe is NonNullable<Policy['wipe']> & { order: string } {
  return wipe?.order !== undefined && (wipe.devices ?? []).some(isThis) && wipe.order !== done?.order;
}

async function endWith(parts: WipeParts, begun: WipeNote): Promise<void> {
  const note = await carryOutWipe({ profileDir: parts.profileDir }, begun);
  await reportWipe(parts, note);
  setTimeout(() => app.exit(0), TOLD_MS);
  await dialog.showMessageBox({ type: 'warning', message: words[parts.language()] });
  app.exit(0);
}

/** Wipes the device where the policy orders it. The app ends with it. */
export async function obeyWipe(wipe: Policy['wipe'], parts: WipeParts): Promise<void> {
  if (!isOrdered(wipe, readWipeNote(parts.profileDir))) return;
  // The intention first: a crash from here on ends in a wiped profile.
  const note = beginWipe({ profileDir: parts.profileDir }, wipe.order, wipe.report ?? null, Date.now());
  await parts.stopEngine(STOP_MS);
  await endWith(parts, note);
}

/** Goes on with a wipe that was cut off, before any key is asked for; or reports one that is done. */
export async function resumeWipe(parts: WipeParts): Promise<void> {
  const note = readWipeNote(parts.profileDir);
  if (note === null) return;
  if (!note.areKeysGone || note.left.some((name) => !['chromium', 'logs'].includes(name)) || !(note.areFilesGone || note.left.length > 0))
    await endWith(parts, note);
  // A server of IT's that does not answer keeps nobody from a new profile.
  else void reportWipe(parts, note);
}
