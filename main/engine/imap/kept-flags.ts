import type { SelectedMailbox } from './gateway.ts';

/**
 * Whether a mailbox keeps a keyword for good (RFC 3501 7.1, PERMANENTFLAGS); where it does not say, it does. System flags are always
 * asked for: what becomes of them is told by the answer.
 */
export function isKept({ permanentFlags }: Pick<SelectedMailbox, 'permanentFlags'>, flag: string): boolean {
  if (flag.startsWith('\\') || permanentFlags === null) return true;
  return permanentFlags.has('\\*') || permanentFlags.has(flag.toLowerCase());
}
