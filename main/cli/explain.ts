import { MailError, type PackedError } from '../../shared/errors.ts';
import { calledAs } from './called-as.ts';
import { remedies } from './remedies.ts';

/** Two lines for a person: what failed and where, and the remedy. */
export function explain(packed: PackedError, error: unknown): string {
  const where = packed.side ? ` (${packed.side})` : '';
  const detail = packed.detail ? `: ${packed.detail}` : '';
  const stack = !(error instanceof MailError) && process.env['HOLDOVER_DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  // Written as in a checkout; told as this command was started.
  const remedy = remedies[packed.code].replaceAll('npm run engine --', calledAs('engine'));
  return `${packed.code}${where}${detail}\n  ${remedy}${stack}`;
}
