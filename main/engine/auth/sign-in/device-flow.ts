import * as oauth from 'oauth4webapi';
import type { Clock } from '../../core/clock.ts';
import { classifyError } from '../../core/classify-error.ts';
import { failed } from './failure.ts';
import type { Granted, ProviderClient } from './provider.ts';

/** RFC 8628 3.2 and 3.5. */
const USUAL_INTERVAL_S = 5;
const SLOW_DOWN_S = 5;
const LONGEST_INTERVAL_S = 60;
/** A code that lives longer is not waited for. */
const LONGEST_LIFE_S = 1800;
const MAX_CODE_CHARS = 60;

export interface DeviceFlow {
  /** Where the person goes, on any device, and what they type there. */
  readonly url: string;
  readonly userCode: string;
  readonly lifeMs: number;
  readonly done: Promise<Granted>;
}

type Given = Awaited<ReturnType<typeof oauth.processDeviceAuthorizationResponse>>;

/** Asks once. Null: not yet; a number: not so often, so many seconds more. */
async function poll(provider: ProviderClient, { device_code: code }: Given): Promise<Granted | number | null> {
  const { server, client, clientAuth, options } = provider;
  try {
    const response = await oauth.deviceCodeGrantRequest(server, client, clientAuth, code, options);
    const checked = await provider.serverFor(response);
    return await provider.granted(await oauth.processDeviceCodeResponse(checked, client, response));
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) {
      if (error.error === 'authorization_pending') return null;
      if (error.error === 'slow_down') return SLOW_DOWN_S;
      throw error;
    }
    // The way there was gone for a moment: asked again, less often.
    const { code: cause, retry } = classifyError(error, undefined, 'sign-in-failed');
    if (retry === 'later' && cause !== 'sign-in-failed' && !options.signal.aborted) return SLOW_DOWN_S;
    throw error;
  }
}

async function wait(provider: ProviderClient, given: Given, lifeMs: number, clock: Clock): Promise<Granted> {
  const { signal } = provider.options;
  const end = clock.monotonic() + lifeMs;
  let interval = Math.min(given.interval ?? USUAL_INTERVAL_S, LONGEST_INTERVAL_S);
  for (;;) {
    await clock.sleep(interval * 1000, signal);
    if (clock.monotonic() >= end) throw failed('sign-in-expired', 'the code was not used in time');
    const answer = await poll(provider, given);
    if (answer !== null && typeof answer !== 'number') return answer;
    interval = Math.min(interval + (answer ?? 0), LONGEST_INTERVAL_S);
  }
}

/** Sign-in on another device by a code (RFC 8628), for where no browser opens. */
export async function startDeviceFlow(provider: ProviderClient, clock: Clock): Promise<DeviceFlow> {
  const { server, client, clientAuth, options, terms } = provider;
  if (server.device_authorization_endpoint === undefined) throw failed('sign-in-failed', 'the provider offers no sign-in by code');
  const parameters = new URLSearchParams({ scope: terms.scope });
  const response = await oauth.deviceAuthorizationRequest(server, client, clientAuth, parameters, options);
  const given = await oauth.processDeviceAuthorizationResponse(server, client, response);
  const userCode = given.user_code;
  if (userCode.length > MAX_CODE_CHARS || !/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(userCode))
    throw failed('sign-in-failed', 'the code cannot be shown');
  const url = provider.pageOf(given.verification_uri, 'page for the code').href;
  const lifeMs = Math.min(given.expires_in, LONGEST_LIFE_S) * 1000;
  const done = wait(provider, given, lifeMs, clock);
  done.catch(() => undefined);
  return { url, userCode, lifeMs, done };
}
