import type { z } from 'zod';
import { MailError } from '../../shared/errors.ts';
import type { PolicyFault, PolicyPlaceName } from '../../shared/policy/state.ts';

const MAX_FAULTS = 20;
const MAX_VALUE_CHARS = 80;
/** Nothing of a policy is secret, but somebody may have put a password where it does not belong. */
const SECRET = /pass|secret|token|credential|private/i;
/** An address with a log-in in it, such as a proxy's. */
const LOG_IN = /@/;

/** A place of the policy that cannot be taken as it is. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map(({ place, path, what }) => `${place}: ${path || 'the policy'}: ${what}`).join('; '));
    this.faults = faults.slice(0, MAX_FAULTS);
  }
}

/** A place that cannot be reached now, such as a share: no fault, and no proof that there is nothing. */
export class PolicyAway extends Error {
  override readonly name = 'PolicyAway';
}

export const placeFault = (place: PolicyPlaceName, what: string): PolicyError => new PolicyError([{ place, path: '', what, value: null }]);

/** As one would write it in JSON with JavaScript: `accounts[0].primary.imap.port`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    given,
  );
}

/** The value at fault, where it is short and cannot be a secret. */
function shownValue(given: unknown, path: readonly PropertyKey[]): string | null {
  const value = valueAt(given, path);
  if (path.some((part) => SECRET.test(String(part))) || value === undefined || (typeof value === 'object' && value !== null)) return null;
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_CHARS || SECRET.test(text) || LOG_IN.test(text) ? null : text;
}

/** What a policy's schema finds, with the place and the value at fault. Pure. */
export function faultsOf(place: PolicyFault['place'], given: unknown, error: z.ZodError): PolicyFault[] {
  return error.issues.slice(0, MAX_FAULTS).map((issue) => ({
    place,
    path: pathText(issue.path),
    what: issue.message.slice(0, 300),
    value: shownValue(given, issue.path),
  }));
}

/** For the window: that something is wrong; the places are asked for. */
export const policyInvalid = (faults: readonly PolicyFault[]): MailError =>
  new MailError('policy-invalid', { scope: 'account', retry: 'ask', detail: faults[0]?.path ?? '' });
