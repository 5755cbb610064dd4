import * as oauth from 'oauth4webapi';
import type { PageLanguage } from './page.ts';
import { Loopback } from './loopback.ts';
import type { Granted, ProviderClient } from './provider.ts';

export interface BrowserFlow {
  /** To be opened in the person's own browser. */
  readonly url: string;
  readonly done: Promise<Granted>;
  cancel(): void;
}

export interface BrowserFlowOptions {
  readonly language: PageLanguage;
  /** The person's address, so that the provider need not ask for it. */
  readonly loginHint: string;
  /** Says whether these tokens are taken: the browser shows it. @throws MailError */
  readonly accept: (granted: Granted) => Promise<Granted>;
}

/** Authorization code with PKCE S256 in the system's browser (RFC 8252, RFC 7636); the answer's issuer is checked (RFC 9207). */
export async function startBrowserFlow(
  provider: ProviderClient,
  { language, loginHint, accept }: BrowserFlowOptions,
): Promise<BrowserFlow> {
  const { server, client, clientAuth, options, terms } = provider;
  const address = provider.pageOf(server.authorization_endpoint, 'authorization endpoint');
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  let settle: { resolve: (granted: Granted) => void; reject: (error: unknown) => void } | null = null;
  const done = new Promise<Granted>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever waits for it is told; nobody may be waiting yet.
  done.catch(() => undefined);

  const exchange = async (answer: URL): Promise<Granted> => {
    const parameters = oauth.validateAuthResponse(server, client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth,
      parameters,
      loopback.redirectUri,
      verifier,
      options,
    );
    const checked = await provider.serverFor(response);
    const given = await oauth.processAuthorizationCodeResponse(checked, client, response, { expectedNonce: nonce, requireIdToken: true });
    return accept(await provider.granted(given));
  };
  const loopback = await Loopback.open({
    state,
    language,
    onAnswer: async (answer) => {
      try {
        settle?.resolve(await exchange(answer));
        return 'done';
      } catch (error) {
        settle?.reject(error);
        return 'failed';
      }
    },
  });
  const query = {
    ...{ response_type: 'code', client_id: client.client_id, redirect_uri: loopback.redirectUri, scope: terms.scope, state, nonce },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', login_hint: loginHint },
    ...terms.extras,
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return { url: address.href, done, cancel: () => loopback.close() };
}
