import type { ErrorCode } from '../../shared/errors.ts';

/** What a person is told about one kind of error: what happened, and what can be done. */
export interface ErrorWords {
  readonly what: string;
  readonly remedy: string;
}

export type ErrorTexts = Record<ErrorCode, ErrorWords>;
