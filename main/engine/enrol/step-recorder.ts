import type { ErrorCode, PackedError } from '../../../shared/errors.ts';
import type { Service, Side } from '../../../shared/model/account.ts';
import type { ConnectionStep } from '../../../shared/model/sync.ts';
import type { Clock } from '../core/clock.ts';

type Step = ConnectionStep['step'];

/** Errors that belong to one step, whatever the last reported progress was. */
const STEP_OF: Partial<Record<ErrorCode, Step>> = {
  'dns-failed': 'resolve',
  'connect-refused': 'connect',
  'connect-timeout': 'connect',
  'network-unreachable': 'connect',
  'proxy-unreachable': 'connect',
  'proxy-refused': 'connect',
  'proxy-cannot-reach': 'connect',
  'plain-refused': 'connect',
  'ca-file-unreadable': 'tls',
  'tls-failed': 'tls',
  'tls-certificate-expired': 'tls',
  'tls-certificate-wrong-host': 'tls',
  'tls-certificate-untrusted': 'tls',
  'tls-not-offered': 'tls',
  'auth-rejected': 'login',
  'auth-mechanism-missing': 'login',
  'token-refresh-failed': 'login',
  'sign-in-needed': 'login',
  'secret-missing': 'login',
};

/** Turns the progress of one connection into the list of its steps, each with its time and outcome. */
export class StepRecorder {
  readonly #clock: Clock;
  readonly #steps: ConnectionStep[];
  #since: number;

  constructor(options: { side: Side; service: Service; hasTls: boolean; clock: Clock }) {
    const { side, service, hasTls, clock } = options;
    const last: Step = service === 'imap' ? 'mailboxes' : 'submission';
    const order: Step[] = ['resolve', 'connect', ...(hasTls ? (['tls'] as const) : []), 'login', last];
    this.#clock = clock;
    this.#steps = order.map((step) => ({ side, service, step, status: 'skipped', error: null, said: null, durationMs: 0 }));
    this.#since = clock.monotonic();
  }

  /** The step succeeded, and with it all before it that were not reported by themselves. */
  pass(step: Step): void {
    const target = this.#steps.findIndex((one) => one.step === step);
    for (const [at, one] of this.#steps.entries()) if (at <= target && one.status === 'skipped') this.#set(at, 'ok');
  }

  /**
   * The connection ended with this error, which belongs to the step that its code names, else to the first that has not
   * succeeded. Steps that were neither reported nor failed stay `skipped`.
   *
   * @param said the server's own words about it
   */
  fail(error: PackedError, said: string | null): void {
    const named = this.#steps.findIndex((one) => one.step === STEP_OF[error.code]);
    const at = named >= 0 ? named : this.#steps.findIndex((one) => one.status === 'skipped');
    if (at >= 0) this.#set(at, 'failed', error, said);
  }

  /** All steps in order. */
  steps(): ConnectionStep[] {
    return [...this.#steps];
  }

  #set(at: number, status: 'ok' | 'failed', error: PackedError | null = null, said: string | null = null): void {
    const step = this.#steps[at];
    if (!step) return;
    const now = this.#clock.monotonic();
    this.#steps[at] = { ...step, status, error, said, durationMs: now - this.#since };
    this.#since = now;
  }
}
