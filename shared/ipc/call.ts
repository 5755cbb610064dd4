import { z } from 'zod';

export interface Call<A extends z.ZodType, R extends z.ZodType> {
  readonly args: A;
  readonly result: R;
}

/** Schemas are made when they are first asked for: three processes load the contract at start, and each needs few of them. */
export function call<A extends z.ZodType, R extends z.ZodType>(makeArgs: () => A, makeResult: () => R): Call<A, R> {
  let args: A | undefined;
  let result: R | undefined;
  return {
    get args() {
      return (args ??= makeArgs());
    },
    get result() {
      return (result ??= makeResult());
    },
  };
}

export const none = z.tuple([]);
export const done = z.null();
/** Any view of bytes, shared or not. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');
