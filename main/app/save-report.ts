import path from 'node:path';
import type { BrowserWindow } from 'electron';
import { contract, type ParsedArgs } from '../../shared/ipc/contract.ts';
import { MailError } from '../../shared/errors.ts';
import { chooseFile } from './choose-file.ts';
import type { EngineService } from './engine-service.ts';
import { writeChosenFile } from './write-chosen-file.ts';

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
  await writeChosenFile(target, text);
  return { savedAs: path.basename(target) };
}
