import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserWindow } from 'electron';
import { contract, type ParsedArgs } from '../../shared/ipc/contract.ts';
import { MailError } from '../../shared/errors.ts';
import { chooseFile } from './choose-file.ts';
import type { EngineService } from './engine-service.ts';

type Which = ParsedArgs<'reports.save'>[0];

async function reportText(engine: EngineService, which: Which): Promise<{ fileName: string; text: string }> {
  if (which.kind === 'reconcile') {
    const { runId, format } = which;
    return contract['reconcile.report'].result.parse(await engine.call('reconcile.report', [{ runId, format }]));
  }
  const drills = contract['drill.list'].result.parse(await engine.call('drill.list', [{ accountId: which.accountId }]));
  const drill = drills.find((one) => one.id === which.drillId);
  if (!drill) throw new MailError('not-found', { scope: 'account', retry: 'never' });
  return { fileName: `holdover-drill-${drill.id}.json`, text: `${JSON.stringify(drill, null, 2)}\n` };
}

/** Asks where to save a report and writes it there, readable by this user only. */
export async function saveReport(engine: EngineService, window: BrowserWindow | null, which: Which): Promise<{ savedAs: string | null }> {
  const { fileName, text } = await reportText(engine, which);
  const target = await chooseFile(window, 'documents', fileName);
  if (target === null) return { savedAs: null };
  // The dialog asked about overwriting; an old file is replaced whole, so that its mode and links do not survive.
  await rm(target, { force: true });
  const file = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  return { savedAs: path.basename(target) };
}
