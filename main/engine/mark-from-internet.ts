import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What marking needs of the system. */
export interface Marking {
  readonly platform: string;
  writeFile(path: string, text: string): Promise<void>;
  run(program: string, args: readonly string[]): Promise<void>;
}

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

export const systemMarking: Marking = {
  platform: process.platform,
  writeFile: (path, text) => writeFile(path, text),
  run: async (program, args) => void (await run(program, [...args], { timeout: TIMEOUT_MS })),
};

/** Zone 3 of Windows: the internet. Nothing is said of the mail it came from. */
const ZONE = '[ZoneTransfer]\r\nZoneId=3\r\n';

/**
 * Tells the system that a file came from the internet, so that it asks before it opens or runs it: the stream `Zone.Identifier` on
 * Windows, the attribute `com.apple.quarantine` on macOS. Other systems have no such mark. False where the mark could not be set,
 * as on a disk that cannot keep it.
 * @param now milliseconds since 1970
 */
export async function markFromInternet(path: string, { platform, writeFile: write, run: start }: Marking, now: number): Promise<boolean> {
  try {
    if (platform === 'win32') await write(`${path}:Zone.Identifier`, ZONE);
    if (platform === 'darwin') {
      // Flags of a download that was not opened yet; time in hexadecimal; the program that wrote it.
      const value = `0081;${Math.floor(now / 1000).toString(16)};Holdover;`;
      await start('/usr/bin/xattr', ['-w', 'com.apple.quarantine', value, path]);
    }
    return true;
  } catch {
    // The file is there as the person wanted it; the caller notes that it is not marked
    return false;
  }
}
