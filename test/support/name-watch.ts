import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

type Call = (...args: unknown[]) => unknown;

/** Notes every name that this process looks up, by whatever way; nothing is kept from being looked up. */
export function watchNames(): { readonly names: string[]; end(): void } {
  const names: string[] = [];
  const kept: (() => void)[] = [];
  const watch = (holder: object, method: string): void => {
    const at = holder as Record<string, Call>;
    const real = at[method]!;
    at[method] = function (this: unknown, ...args: unknown[]) {
      const [name] = args;
      if (typeof name === 'string' && isIP(name) === 0) names.push(name);
      return Reflect.apply(real, this, args);
    };
    kept.push(() => void (at[method] = real));
  };
  for (const holder of [dns, dns.promises]) {
    watch(holder, 'lookup');
    for (const method of Object.keys(holder).filter((one) => one.startsWith('resolve'))) watch(holder, method);
  }
  // Names that were imported from the module, too.
  syncBuiltinESMExports();
  return {
    names,
    end: () => {
      for (const restore of kept.splice(0)) restore();
      syncBuiltinESMExports();
    },
  };
}
