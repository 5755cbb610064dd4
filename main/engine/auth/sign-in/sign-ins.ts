import { randomUUID } from 'node:crypto';
import { MailError, packError } from '../../../../shared/errors.ts';
import type { OAuth2 } from '../../../../shared/model/account.ts';
import type { SignInFlow, SignInState } from '../../../../shared/model/sign-in.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { ProxyFinder } from '../../core/proxy/proxy-finder.ts';
import { tlsOptions, withCompanyCa } from '../../core/tls-options.ts';
import type { TokenSecret } from '../refresh-token.ts';
import { startBrowserFlow } from './browser-flow.ts';
import { startDeviceFlow } from './device-flow.ts';
import { failed, signInError } from './failure.ts';
import type { PageLanguage } from './page.ts';
import { ProviderClient, type Granted } from './provider.ts';

/** A second factor takes its time. */
const BROWSER_LIFE_MS = 10 * 60_000;
/** How long the tokens wait for the account that they are for. */
const TICKET_LIFE_MS = 30 * 60_000;
const LONGEST_ANSWER_MS = 20_000;

export interface SignInRequest {
  readonly auth: OAuth2;
  /** PEM file with the company's own authorities. */
  readonly caFile: string | undefined;
  /** Whose sign-in it has to be: address of the account, user name at its server. */
  readonly names: readonly string[];
  readonly flow: SignInFlow;
  readonly language: PageLanguage;
  /** Keeps the tokens before anybody is told; without it they wait to be taken. @throws MailError */
  readonly keep?: (secret: TokenSecret) => Promise<void>;
}

interface SignIn {
  state: SignInState;
  secret: TokenSecret | null;
  readonly end: (reason: MailError) => void;
  readonly ended: Promise<void>;
}

const cancelled = (): MailError => new MailError('cancelled', { scope: 'account', retry: 'ask' });

/** The sign-ins of this run of the engine. Tokens leave it for the secret store only; a restart forgets what was not kept. */
export class SignIns {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #proxies: ProxyFinder | undefined;
  readonly #all = new Map<string, SignIn>();

  constructor({ clock, log, proxies }: { clock: Clock; log: Log; proxies?: ProxyFinder | undefined }) {
    this.#clock = clock;
    this.#log = log;
    this.#proxies = proxies;
  }

  /**
   * Begins one, in place of any that still waits. Returns as soon as the person can go to the provider.
   * @throws MailError sign-in-failed, ca-file-unreadable, errors of the connection
   */
  async begin(request: SignInRequest): Promise<SignInState> {
    for (const { end } of this.#all.values()) end(cancelled());
    const abort = new AbortController();
    const { auth, caFile, flow } = request;
    try {
      const tls = tlsOptions(await withCompanyCa(caFile === undefined ? {} : { caFile }, this.#proxies));
      const provider = await ProviderClient.find(auth, { clock: this.#clock, tls, proxies: this.#proxies, signal: abort.signal });
      return await (flow === 'browser' ? this.#inBrowser(provider, request, abort) : this.#byCode(provider, request, abort));
    } catch (error) {
      const known = signInError(error);
      this.#log.warn({ ev: 'sign-in.not-begun', code: known.code, detail: known.detail });
      throw known;
    }
  }

  /** The state when it has ended, or after a while as it is then. @throws MailError not-found */
  async wait(id: string): Promise<SignInState> {
    const one = this.#of(id);
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => (stop = this.#clock.after(LONGEST_ANSWER_MS, resolve)));
    await Promise.race([one.ended, late]);
    stop();
    return one.state;
  }

  cancel(id: string): void {
    this.#all.get(id)?.end(cancelled());
  }

  /** Tokens of a sign-in that worked. @throws MailError not-found: none, or it is too long ago */
  secretOf(id: string): TokenSecret {
    const { secret } = this.#of(id);
    if (secret) return secret;
    throw new MailError('not-found', { scope: 'account', retry: 'ask', detail: 'nobody has signed in' });
  }

  /** The tokens were renewed before their account was there. */
  renewed(id: string, secret: TokenSecret): void {
    this.#of(id).secret = secret;
  }

  /** They are kept with their account now. */
  taken(id: string): void {
    this.#all.delete(id);
  }

  /** Nobody waits any more, and no port is open. */
  stop(): void {
    for (const { end } of this.#all.values()) end(cancelled());
    this.#all.clear();
  }

  #of(id: string): SignIn {
    const found = this.#all.get(id);
    if (found) return found;
    throw new MailError('not-found', { scope: 'account', retry: 'ask', detail: 'no such sign-in' });
  }

  async #inBrowser(provider: ProviderClient, request: SignInRequest, abort: AbortController): Promise<SignInState> {
    const accept = async (granted: Granted): Promise<Granted> => this.#accept(request, granted);
    const { language, names } = request;
    const flow = await startBrowserFlow(provider, { language, loginHint: names[0] ?? '', accept });
    return this.#add({ flow: 'browser', url: flow.url, userCode: null }, BROWSER_LIFE_MS, flow.done, abort, () => flow.cancel());
  }

  async #byCode(provider: ProviderClient, request: SignInRequest, abort: AbortController): Promise<SignInState> {
    const { url, userCode, lifeMs, done } = await startDeviceFlow(provider, this.#clock);
    const accepted = done.then((granted) => this.#accept(request, granted));
    return this.#add({ flow: 'device', url, userCode }, lifeMs, accepted, abort, () => undefined);
  }

  /** @throws MailError sign-in-wrong-account, those of `keep` */
  async #accept({ names: wanted, keep }: SignInRequest, granted: Granted): Promise<Granted> {
    const { names, secret } = granted;
    const isOwn = names.length === 0 || names.some((name) => wanted.some((one) => one.toLowerCase() === name.toLowerCase()));
    if (!isOwn) throw new WrongAccount(names[0] ?? '');
    await keep?.(secret);
    return granted;
  }

  #add(
    shown: Pick<SignInState, 'flow' | 'url' | 'userCode'>,
    lifeMs: number,
    done: Promise<Granted>,
    abort: AbortController,
    close: () => void,
  ): SignInState {
    const id = randomUUID();
    const waiting = { id, phase: 'waiting', ...shown, expiresAt: this.#clock.now() + lifeMs, error: null, signedInAs: null } as const;
    let tell = (): void => undefined;
    const ended = new Promise<void>((resolve) => (tell = resolve));
    const finish = (patch: Partial<SignInState>, secret: TokenSecret | null): void => {
      if (one.state.phase !== 'waiting') return;
      cancelTimer();
      one.state = { ...one.state, ...patch };
      one.secret = secret;
      this.#log.info({ ev: 'sign-in.ended', flow: shown.flow, phase: one.state.phase, code: one.state.error?.code ?? null });
      this.#clock.after(TICKET_LIFE_MS, () => this.#all.delete(id));
      tell();
    };
    const end = (reason: MailError): void => {
      finish({ phase: 'failed', error: packError(reason) }, null);
      abort.abort(reason);
      close();
    };
    const cancelTimer = this.#clock.after(lifeMs, () => end(failed('sign-in-expired', 'nobody signed in in time')));
    const one: SignIn = { state: waiting, secret: null, end, ended };
    this.#all.set(id, one);
    done.then(
      ({ secret, names }) => finish({ phase: 'done', signedInAs: names[0] ?? null }, secret),
      (error: unknown) => {
        const signedInAs = error instanceof WrongAccount ? error.signedInAs : null;
        finish({ phase: 'failed', error: packError(signInError(error)), signedInAs }, null);
      },
    );
    return one.state;
  }
}

/** Somebody else signed in. Who it was is shown to the person, and never logged. */
class WrongAccount extends MailError {
  readonly signedInAs: string;

  constructor(signedInAs: string) {
    super('sign-in-wrong-account', { scope: 'account', retry: 'ask', detail: 'another account signed in' });
    this.signedInAs = signedInAs;
  }
}
