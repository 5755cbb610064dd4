import { existsSync } from 'node:fs';
import path from 'node:path';

const PACKAGE_FILE = 'policies.json';
const POSIX_FILES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: '/etc/holdover/policies.json',
  darwin: '/Library/Application Support/Holdover/policies.json',
};

/** The policy file in the `resources` folder of the installed app. */
export const packageFile = (resourcesDir: string): string => path.join(resourcesDir, PACKAGE_FILE);

/** The policy file of the machine. */
export const machineFile = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string =>
  POSIX_FILES[platform] ?? path.win32.join(env['ProgramData'] ?? 'C:\\ProgramData', 'Holdover', 'policies.json');

/** Property lists of the managed preferences on macOS, those of the person first. */
export const preferenceFiles = (userName: string): string[] =>
  [`/Library/Managed Preferences/${userName}`, '/Library/Managed Preferences'].map((folder) => `${folder}/com.holdover.app.plist`);

/** Whether reading a policy may find one: only on Windows does it take more than a look at files. */
export function mayHavePolicy(files: readonly string[], platform: NodeJS.Platform): boolean {
  return platform === 'win32' || files.some((file) => existsSync(file));
}
