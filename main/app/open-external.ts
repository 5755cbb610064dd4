import { shell } from 'electron';
import { canonicalExternalUrl } from './external-url.ts';
import type { AppLog } from './log-file.ts';

/** The only way an address leaves the app. False when it was refused or no program took it. */
export async function openExternal(url: string, log: AppLog): Promise<boolean> {
  const canonical = canonicalExternalUrl(url);
  if (canonical === null) {
    log.write('warn', { ev: 'external.refused' });
    return false;
  }
  try {
    await shell.openExternal(canonical);
    return true;
  } catch {
    // The system's own words may quote the address; that no program took it is all that matters.
    log.write('warn', { ev: 'external.failed' });
    return false;
  }
}
