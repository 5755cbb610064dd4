import { emitKeypressEvents } from 'node:readline';

const HELP = `
  p  pull the plug of the primary, or put it back
  r  the same for the relay
  m  a new mail arrives
  s  how things stand
  q  quit
`;

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

async function toggle(name, server, say) {
  if (server.isUp()) await server.stop();
  else await server.start();
  say(`the ${name} is ${server.isUp() ? 'back' : 'gone'}`);
}

/** Lets the person at the terminal play outage. Does nothing where there is no terminal. */
export function listenToKeys({ servers, say }, quit) {
  if (!process.stdin.isTTY) return;
  process.stdout.write(HELP);
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  let count = 0;
  const actions = {
    p: () => toggle('primary', servers.primary, say),
    r: () => toggle('relay', servers.relay, say),
    m: () => {
      count += 1;
      // A dead primary gets nothing; its relay takes the mail and keeps it.
      const to = servers.primary.isUp() ? (servers.relay.isUp() ? 'both' : 'primary') : 'relay';
      servers.deliver(mail(servers.primary.user, count, Date.now()), { to });
      say(`mail ${count} arrived at: ${to}`);
    },
    s: () =>
      say(
        `primary ${servers.primary.isUp() ? 'up' : 'down'}, relay ${servers.relay.isUp() ? 'up' : 'down'}, ${servers.delivered.length} mails handed on to the world`,
      ),
    q: quit,
  };
  process.stdin.on('keypress', (_text, key) => {
    if (key.ctrl && key.name === 'c') quit();
    else void actions[key.name]?.();
  });
}
