import { userInfo } from 'node:os';
import type { UserAttributes } from '../../shared/policy/attributes.ts';
import { runProgram, type RunProgram } from './places.ts';

export interface SignedIn {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly userName: string;
  readonly run: RunProgram;
}

const thisMachine = (): SignedIn => ({ platform: process.platform, env: process.env, userName: userInfo().username, run: runProgram });
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

async function printed(run: RunProgram, file: string, args: readonly string[]): Promise<string> {
  try {
    const { code, output } = await run(file, args);
    return code === 0 ? output.trim() : '';
  } catch {
    return ''; // the system has no such program: the attribute is unknown, and what needs it says so
  }
}

/** The fifth field of passwd(5), up to its first comma. */
const fullName = (line: string): string => (line.split(':')[4] ?? '').split(',')[0]?.trim() ?? '';

function askName({ platform, userName, run }: SignedIn): Promise<string> {
  if (platform === 'darwin') return printed(run, '/usr/bin/id', ['-F', userName]);
  if (platform === 'win32') return Promise.resolve('');
  return printed(run, '/usr/bin/getent', ['passwd', userName]).then(fullName);
}

const askUpn = ({ platform, env, run }: SignedIn): Promise<string> =>
  platform === 'win32' ? printed(run, `${env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\whoami.exe`, ['/upn']) : Promise.resolve('');

/** As a directory writes them (`SMTP:` the first, `smtp:` the others, other kinds left out) or plain; between them blanks, commas or semicolons. */
function proxyAddresses(list: string): string[] {
  const addresses = list.split(/[\s,;]+/).map((one) => one.replace(/^smtp:/i, '').toLowerCase());
  return [...new Set(addresses.filter((one) => ADDRESS.test(one) && !one.includes(':')))];
}

/** What this machine knows of the person who is signed in; what it does not know is left out. */
export async function findAttributes(signedIn: SignedIn = thisMachine()): Promise<UserAttributes> {
  const { env, userName } = signedIn;
  const [upn, name] = await Promise.all([askUpn(signedIn), askName(signedIn)]);
  const userPrincipalName = ADDRESS.test(upn) ? upn : (env['HOLDOVER_UPN'] ?? '');
  const all = {
    samAccountName: userName.split('\\').at(-1) ?? '',
    userPrincipalName,
    mail: env['HOLDOVER_MAIL'] ?? userPrincipalName,
    displayName: name || (env['HOLDOVER_DISPLAY_NAME'] ?? ''),
    domain: userPrincipalName.split('@')[1] ?? '',
  };
  const known: UserAttributes = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const list = env['HOLDOVER_PROXY_ADDRESSES'];
  return list === undefined ? known : { ...known, proxyAddresses: proxyAddresses(list) };
}
