import { expect } from 'vitest';
import { MailError } from '../../shared/errors.ts';

function asMailError(error: unknown): MailError {
  expect(error).toBeInstanceOf(MailError);
  return error as MailError;
}

/** The MailError that the work throws or rejects with, null where it succeeds; an error of another kind fails the test. */
export async function failureOf(work: () => unknown): Promise<MailError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return asMailError(error);
  }
}

/** Code of the MailError that the work throws or rejects with, `no error` where it succeeds. */
export async function failureCodeOf(work: () => unknown): Promise<string> {
  return (await failureOf(work))?.code ?? 'no error';
}

/** As failureCodeOf, of work that is done when it returns. */
export function codeOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return asMailError(error).code;
  }
}
