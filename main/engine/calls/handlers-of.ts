import type { EngineCall, ParsedArgs, CallResult } from '../../../shared/ipc/contract.ts';
import type { ContinuityEngine } from '../engine.ts';

export type Handler<N extends EngineCall> = (engine: ContinuityEngine, ...args: ParsedArgs<N>) => CallResult<N> | Promise<CallResult<N>>;

/** The answers to one group of calls, without those of the app process. */
export type HandlersOf<G> = { readonly [N in Extract<keyof G, EngineCall>]: Handler<N> };
