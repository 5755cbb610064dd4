import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type RunningApp, type StartOptions } from './start-app.ts';

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: { readonly code: string } };

/** Starts the app on a profile in this folder, with an enrolment file as IT would leave it. */
export function startEnrolled(enrolment: string, folder: string, options: Omit<StartOptions, 'profile'> = {}): Promise<RunningApp> {
  const file = path.join(folder, 'enrol.json');
  writeFileSync(file, enrolment, { mode: 0o600 });
  return startApp({ ...options, profile: path.join(folder, 'profile'), env: { ...options.env, HOLDOVER_ENROL_FILE: file } });
}

/** What a call over the bridge gave. @throws with the code of one that failed */
export async function value<T>(answer: Promise<Answer<T>>): Promise<T> {
  const given = await answer;
  if (!given.ok) throw new Error(given.error.code);
  return given.value;
}

/** Each question goes through three processes, which have the mail to fetch meanwhile. */
const ASK_AGAIN_MS = 100;

/** Whether so many sides of accounts have been looked at, and every mailbox is here with all its bodies. */
export async function isMirrored(app: RunningApp, sides = 2): Promise<boolean> {
  const states = await value(app.call('sync.state')).catch(() => []);
  const hasPassed = states.length === sides && states.every(({ lastCompleteAt }) => lastCompleteAt !== null);
  if (hasPassed && (await value(app.call('mailboxes.list'))).every(({ isComplete }) => isComplete)) return true;
  await sleep(ASK_AGAIN_MS);
  return false;
}
