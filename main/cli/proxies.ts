import { MailError } from '../../shared/errors.ts';
import type { Policy } from '../../shared/policy/schema.ts';
import { DIRECTLY, type ProxyFinder, type ProxyWay } from '../engine/core/proxy/proxy-finder.ts';
import { policyInvalid } from '../policy/fault.ts';
import { findProxy, isBypassed } from '../policy/find-proxy.ts';
import type { PolicyReading } from '../policy/read-policy.ts';
import { isExempt } from './no-proxy.ts';
import { readProxyAddress } from './proxy-address.ts';
import { UsageError } from './usage-error.ts';

/** Below the options of the usage. */
export const proxyHelp = `how servers are reached, first what is there:
  --proxy URL            http://, https:// (CONNECT) or socks5://HOST:PORT; none for directly
  network.proxy          of the policy of this machine, with its network.proxyBypass; "system" means the variables here
  HTTPS_PROXY ALL_PROXY  the same addresses, and a log-in that the proxy wants: http://USER:PASSWORD@HOST:PORT
NO_PROXY goes with --proxy and the variables: names with all below them, addresses, networks (10.0.0.0/8), *. This machine is always
reached directly. Through a proxy, names are looked up there.
`;

export interface ProxyParts {
  readonly env: NodeJS.ProcessEnv;
  readonly readPolicy: () => Promise<PolicyReading>;
}

/** Reading it loads the parsers of every place. */
const systemParts = (): ProxyParts => ({
  env: process.env,
  readPolicy: async () => (await import('./machine-policy.ts')).readMachinePolicy(),
});

/** The variable in either case; the lower one first, as curl and others have it. One that is empty says none. */
function variable(env: NodeJS.ProcessEnv, ...names: readonly string[]): { name: string; value: string } | null {
  for (const name of names)
    for (const spelt of [name.toLowerCase(), name]) {
      const value = env[spelt];
      if (value !== undefined) return { name: spelt, value: value.trim() };
    }
  return null;
}

/** @throws MailError config-invalid with the name of the variable; what stands in it may be a password */
function ofEnvironment(env: NodeJS.ProcessEnv): ProxyWay | null {
  const given = variable(env, 'HTTPS_PROXY', 'ALL_PROXY');
  if (given === null || given.value === '') return null;
  const proxy = readProxyAddress(given.value);
  if (proxy) return proxy;
  throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: `${given.name} is no address of a proxy` });
}

function ofOption(option: string): ProxyWay | null {
  if (option === 'none') return null;
  // Of a policy it is a word; here it would be taken for the name of a machine.
  const proxy = option === 'system' ? null : readProxyAddress(option);
  if (!proxy) throw new UsageError('--proxy is none, or the address of a proxy such as http://proxy.example:3128');
  // Every user of the machine can read the arguments of a program.
  if (proxy.login) throw new UsageError('--proxy takes no log-in, since others could read it: put it into the variable HTTPS_PROXY');
  return proxy;
}

/**
 * The way to servers for a command line: what was typed, else the policy, else the usual variables.
 * @throws UsageError for an option that is no proxy, before anything is opened
 */
export function commandProxies(option: string | undefined, parts: ProxyParts = systemParts()): ProxyFinder {
  const { env, readPolicy } = parts;
  const typed = option === undefined ? undefined : ofOption(option);
  const exempted = variable(env, 'NO_PROXY')?.value ?? '';
  // Once for the whole command: on Windows it starts a program.
  let network: Promise<Policy['network']> | null = null;
  const held = async (): Promise<Policy['network']> => {
    const reading = await readPolicy();
    if (!reading.isRight) throw policyInvalid(reading.faults);
    return reading.policy.network;
  };
  return {
    // What of a policy is wrong is told where its proxy is needed; TLS without it is refused by itself.
    caFile: () =>
      (network ??= held()).then(
        (policy) => policy?.caFile,
        () => undefined,
      ),
    find: async (host, port) => {
      if (typed !== undefined) return isExempt(host, port, exempted) ? DIRECTLY : [typed];
      const policy = await (network ??= held());
      if (policy?.proxy !== undefined && policy.proxy !== 'system') return findProxy(policy, { host, port }, () => Promise.resolve(''));
      if (isBypassed(host, policy?.proxyBypass ?? []) || isExempt(host, port, exempted)) return DIRECTLY;
      const proxy = ofEnvironment(env);
      return [proxy && policy?.caFile !== undefined ? { ...proxy, caFile: policy.caFile } : proxy];
    },
  };
}
