// Notes every name that this process looks up and every place that it connects to, by whatever way; nothing is kept from it.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const file = process.env.HOLDOVER_TEST_REACHED;
const note = (...words) => appendFileSync(file, `${words.join(' ')}\n`);
const before = (holder, method, tell) => {
  const real = holder[method];
  holder[method] = function (...args) {
    tell(...args);
    return Reflect.apply(real, this, args);
  };
};

for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  const methods = Object.getOwnPropertyNames(holder).filter((name) => /^(?:lookup$|resolve|reverse)/.test(name));
  for (const method of methods) before(holder, method, (name) => typeof name === 'string' && net.isIP(name) === 0 && note('name', name));
}
before(net.Socket.prototype, 'connect', (...args) => {
  const [first, second] = [args[0]].flat();
  const { host = 'localhost', port } = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  if (port !== undefined) note('connect', `${host}:${port}`);
});
before(dgram.Socket.prototype, 'send', (...args) =>
  note('datagram', args.filter((one) => typeof one === 'string' || typeof one === 'number').join(' ')),
);
// Names that were imported from the module, too.
syncBuiltinESMExports();
if (process.env.HOLDOVER_TEST_ENGINE_HOST) await import(process.env.HOLDOVER_TEST_ENGINE_HOST);
