import { MailError, packError, type PackedError } from '../../../shared/errors.ts';
import { contract, type CallName, type CallResult, type ParsedArgs } from '../../../shared/ipc/contract.ts';
import type { AppLog } from '../log-file.ts';

export type Handlers = { readonly [N in CallName]: (...args: ParsedArgs<N>) => Promise<CallResult<N>> | CallResult<N> };

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: PackedError };

const MAX_NODES = 100_000;
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

/**
 * One call from the window, whose sender was already checked: known name, arguments by the contract, handler, result by
 * the contract. Never throws; nothing of the arguments gets into the log or the answer.
 */
export async function dispatch(handlers: Handlers, log: AppLog, name: unknown, args: unknown): Promise<Answer> {
  if (typeof name !== 'string' || !Object.hasOwn(contract, name)) {
    log.write('warn', { ev: 'ipc.unknown-call', type: typeof name });
    return refused('unknown call');
  }
  const call = name as CallName;
  if (hasForbiddenKey(args)) {
    log.write('warn', { ev: 'ipc.bad-args', call, issue: 'forbidden-key' });
    return refused('forbidden key in arguments');
  }
  const parsed = contract[call].args.safeParse(args);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    log.write('warn', { ev: 'ipc.bad-args', call, issue: issue?.code, issues: parsed.error.issues.length });
    return refused(`bad arguments: ${issue?.code ?? 'unknown'}`);
  }
  return run(handlers, log, call, parsed.data);
}

async function run(handlers: Handlers, log: AppLog, call: CallName, args: readonly unknown[]): Promise<Answer> {
  try {
    const handler = handlers[call] as (...values: readonly unknown[]) => unknown;
    const result = contract[call].result.safeParse(await handler(...args));
    if (result.success) return { ok: true, value: result.data };
    log.write('error', { ev: 'ipc.bad-result', call, issue: result.error.issues[0]?.code });
    throw new MailError('internal', { scope: 'account', retry: 'later', detail: 'bad-result' });
  } catch (error) {
    const packed = packError(error);
    log.write('info', { ev: 'ipc.call-failed', call, code: packed.code, scope: packed.scope, kind: packed.detail });
    return { ok: false, error: packed };
  }
}

function refused(detail: string): Answer {
  return { ok: false, error: packError(new MailError('call-rejected', { scope: 'account', retry: 'never', detail })) };
}

/** Own keys that could reach a prototype. Wide arguments are no use of ours, so past the bound the answer is yes. */
export function hasForbiddenKey(root: unknown): boolean {
  const pending: unknown[] = [root];
  let seen = 0;
  for (let value = pending.pop(); pending.length > 0 || value !== undefined; value = pending.pop()) {
    seen += 1;
    if (seen > MAX_NODES) return true;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    if (!Array.isArray(value) && FORBIDDEN_KEYS.some((key) => Object.hasOwn(value, key))) return true;
    for (const child of Object.values(value)) if (child !== undefined) pending.push(child);
  }
  return false;
}
