import { accountLossesSchema, type AccountLosses } from './model/account.ts';

const KINDS = ['mails', 'drafts', 'changes'] as const;

/** Bare figures for the detail of an error, which is text for logs; empty where they are not known. */
export function lossFigures(losses: AccountLosses | null): string {
  return losses === null ? '' : KINDS.map((kind) => `${kind}=${losses[kind]}`).join(' ');
}

/** What `lossFigures` wrote; null where it is anything else. */
export function readLossFigures(detail: string): AccountLosses | null {
  const pairs = detail.split(' ').map((pair) => pair.split('='));
  const read = Object.fromEntries(pairs.map(([kind = '', count = '']) => [kind, /^\d+$/u.test(count) ? Number(count) : Number.NaN]));
  const losses = accountLossesSchema.safeParse(read);
  return losses.success ? losses.data : null;
}
