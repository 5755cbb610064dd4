import { readFileSync } from 'node:fs';
import { MailError } from '../../shared/errors.ts';
import type { PolicyFault } from '../../shared/policy/state.ts';
import { placeFault, PolicyError } from '../policy/fault.ts';
import { openEscrow } from '../keys/escrow.ts';
import { checkPolicy } from '../policy/read-policy.ts';
import { readMachinePolicy } from './machine-policy.ts';
import { readSecretFile } from './read-secret-file.ts';
import type { Output } from './mail-commands.ts';

const faultLine = ({ place, path, what, value }: PolicyFault, where: string = place): string =>
  `${where}: ${path || 'the policy'}: ${what}${value === null ? '' : ` (given: ${value})`}`;

function told(faults: readonly PolicyFault[], { print, isJson }: Output): number {
  if (isJson) print(JSON.stringify({ faults }, null, 2));
  else for (const fault of faults) print(faultLine(fault));
  return 1;
}

/** What IT holds on this machine and where it stands, or every place at fault. A shipped file is that of the app, not of this command. */
export async function showPolicy(out: Output): Promise<number> {
  const reading = await readMachinePolicy();
  if (!reading.isRight) return told(reading.faults, out);
  const { policy, from } = reading;
  if (out.isJson) out.print(JSON.stringify({ policy, from }, null, 2));
  else if (Object.keys(policy).length === 0) out.print('no policy on this machine');
  else
    for (const [section, value] of Object.entries(policy))
      out.print(`${section} (${from[section as keyof typeof from]}): ${JSON.stringify(value)}`);
  return 0;
}

/** Checks a policy file before it is rolled out. @throws MailError config-invalid where it cannot be read */
export function checkPolicyFile(file: string, out: Output): number {
  const text = textOf(file);
  try {
    const policy = checkPolicy('machine-file', parsed(text));
    out.print(out.isJson ? JSON.stringify({ faults: [] }) : `${file} is right: ${Object.keys(policy).join(', ') || 'it holds nothing'}`);
    return 0;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (out.isJson) return told(error.faults, out);
    for (const fault of error.faults) out.print(faultLine(fault, file));
    out.print('  a device would take nothing of it; correct these places as in docs/policy/reference.en.md, and check it again');
    return 1;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const detail = `${file}: file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`;
    throw new MailError('config-invalid', { scope: 'store', retry: 'ask', detail, cause });
  }
}

/** Prints the recovery key that a device handed in for IT. @throws MailError config-invalid */
export function openEscrowFile(file: string, privateKeyFile: string, { print, isJson }: Output): number {
  const { recoveryKey, device, user, madeAt } = openEscrow(readSecretFile(privateKeyFile), readSecretFile(file));
  if (isJson) print(JSON.stringify({ device, user, madeAt, recoveryKey }, null, 2));
  else print(`${device}, ${user}, ${madeAt}\n${recoveryKey}`);
  return 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw placeFault('machine-file', 'the file is not JSON');
  }
}
