// @ts-check
/**
 * What can be done to the demo's two servers, by the panel and by keys.
 * @typedef {import('./servers.mjs').DemoServers} DemoServers
 * @typedef {import('./servers.mjs').DemoServer} DemoServer
 */

/** @param {string} owner @param {number} n @param {number} at */
function mail(owner, n, at) {
  return Buffer.from(
    [
      'From: Imke Carstens <imke.carstens@hafenlogistik.example>',
      `To: ${owner}`,
      `Subject: Lieferung ${n} ist unterwegs`,
      `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <demo-${n}-${at}@hafenlogistik.example>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      `Guten Tag,\r\n\r\nLieferung ${n} hat das Lager verlassen und trifft morgen Vormittag bei Ihnen ein.\r\n\r\nFreundliche Grüße\r\nImke Carstens\r\n`,
    ].join('\r\n'),
  );
}

/** @param {DemoServer} server */
async function restore(server) {
  server.refuseLogins(false);
  server.blackhole(false);
  await server.start();
}

/** @param {DemoServer} server */
function stateOf(server) {
  if (server.isBlackhole()) return 'black hole: connects, says nothing';
  if (server.isRefusing()) return 'refuses every log-in';
  return server.isUp() ? 'up' : 'stopped';
}

/**
 * @param {DemoServers} servers
 * @param {(text: string) => void} say
 */
export function playWith(servers, say) {
  const { primary, relay } = servers;
  let count = 0;
  const told = (/** @type {string} */ name, /** @type {DemoServer} */ server) => say(`the ${name}: ${stateOf(server)}`);
  const actions = {
    'primary-stop': async () => {
      await primary.stop();
      told('primary', primary);
    },
    'primary-blackhole': async () => {
      await primary.start();
      primary.blackhole(true);
      told('primary', primary);
    },
    'primary-refuse': async () => {
      await restore(primary);
      primary.refuseLogins(true);
      told('primary', primary);
    },
    'primary-restore': async () => {
      await restore(primary);
      told('primary', primary);
    },
    'relay-stop': async () => {
      await relay.stop();
      told('relay', relay);
    },
    'relay-restore': async () => {
      await restore(relay);
      told('relay', relay);
    },
    mail: () => {
      count += 1;
      // A dead primary gets nothing; the relay takes the mail, shows its copy and keeps the original for the primary.
      servers.deliver(mail(primary.user, count, Date.now()), { to: relay.isUp() ? 'both' : 'primary' });
      say(`mail ${count} arrived${primary.isUp() ? '' : ' at the relay'}`);
    },
  };
  const state = () => ({
    primary: stateOf(primary),
    relay: stateOf(relay),
    waiting: servers.waiting(),
    delivered: servers.delivered.length,
    sent: primary.store.get('Sent')?.messages.length ?? 0,
  });
  return { actions, state };
}
