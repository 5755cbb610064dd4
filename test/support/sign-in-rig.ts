import { SignIns, type SignInRequest } from '../../main/engine/auth/sign-in/sign-ins.ts';
import { systemClock, type Clock } from '../../main/engine/core/clock.ts';
import type { Log, LogEntry } from '../../main/engine/core/log.ts';
import type { OAuth2 } from '../../shared/model/account.ts';
import { CLIENT_ID } from './oidc.ts';

export const EMAIL = 'alice@company.example';

/** The times between two questions are a hundredth of what the provider asks for. */
const quick: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

export const authAt = (issuer: string, more: Partial<OAuth2> = {}): OAuth2 => ({
  ...{ type: 'oauth2', mechanism: 'XOAUTH2', clientId: CLIENT_ID, provider: { type: 'oidc', issuer } },
  ...more,
});

export const signInRequest = (issuer: string, more: Partial<SignInRequest> = {}): SignInRequest => ({
  ...{ auth: authAt(issuer), caFile: undefined, names: [EMAIL], flow: 'browser', language: 'en' },
  ...more,
});

/** The sign-ins of an engine, with its log. */
export function startSignIns(clock: Clock = quick): { all: SignIns; logged: LogEntry[] } {
  const logged: LogEntry[] = [];
  const note = (entry: LogEntry): void => void logged.push(entry);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  return { all: new SignIns({ clock, log }), logged };
}

/** What the browser does in the end: it brings the provider's answer to our port. */
export const arrive = (address: string): Promise<Response> => fetch(address, { redirect: 'manual' });

/** Where an authorization address says that the answer has to go. */
export const redirectOf = (url: string): URL => new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
