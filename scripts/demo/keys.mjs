import { emitKeypressEvents } from 'node:readline';

const HELP = `
  p  stop the primary, or restore it
  b  make the primary a black hole, or restore it
  l  let the primary refuse every log-in, or restore it
  r  stop the relay, or restore it
  m  a new mail arrives
  s  how things stand
  q  quit
`;

/** Lets the person at the terminal play outage. Does nothing where there is no terminal. */
export function listenToKeys({ play, say }, quit) {
  if (!process.stdin.isTTY) return;
  process.stdout.write(HELP);
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  const orRestore = (side, wanted) => () => play.actions[play.state()[side] === 'up' ? wanted : `${side}-restore`]();
  const keys = {
    p: orRestore('primary', 'primary-stop'),
    b: orRestore('primary', 'primary-blackhole'),
    l: orRestore('primary', 'primary-refuse'),
    r: orRestore('relay', 'relay-stop'),
    m: play.actions.mail,
    s: () => say(JSON.stringify(play.state())),
    q: quit,
  };
  process.stdin.on('keypress', (_text, key) => {
    if (key.ctrl && key.name === 'c') quit();
    else void keys[key.name]?.();
  });
}
