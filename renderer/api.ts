import '../shared/no-jit.ts';
import { MailError, packedErrorSchema, unpackError } from '../shared/errors.ts';
import type { ContinuityBridge } from '../shared/ipc/bridge.ts';
import { contract, type CallArgs, type CallName, type CallResult } from '../shared/ipc/contract.ts';
import { events, type EventName, type EventPayload } from '../shared/ipc/events.ts';

declare global {
  interface Window {
    readonly continuity: ContinuityBridge;
  }
}

const misfit = (detail: string) => new MailError('internal', { scope: 'account', retry: 'later', detail });

/**
 * Calls the app and checks the answer against the contract.
 * @throws MailError the error of the call, or `internal` when the answer does not fit the contract.
 */
export async function call<N extends CallName>(name: N, ...args: CallArgs<N>): Promise<CallResult<N>> {
  const answer = await window.continuity.calls[name](...args).catch(() => {
    throw misfit(`no answer: ${name}`);
  });
  if (!answer.ok) throw unpackError(packedErrorSchema.catch(packedMisfit(name)).parse(answer.error));
  const parsed = contract[name].result.safeParse(answer.value);
  if (!parsed.success) throw misfit(`answer does not fit: ${name}`);
  return parsed.data as CallResult<N>;
}

/** Listens to an event; payloads that do not fit the contract are left out. Returns the function that stops it. */
export function listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
  return window.continuity.on(name, (payload) => {
    const parsed = events[name].safeParse(payload);
    if (parsed.success) listener(parsed.data as EventPayload<N>);
    else console.warn(`event does not fit the contract: ${name}`);
  });
}

/** A function that does this when it is first called, and nothing any more. */
export function once(begin: () => void): () => void {
  let next: (() => void) | null = begin;
  return () => {
    next?.();
    next = null;
  };
}

function packedMisfit(name: CallName) {
  return { code: 'internal', scope: 'account', retry: 'later', side: null, detail: `error does not fit: ${name}` } as const;
}
