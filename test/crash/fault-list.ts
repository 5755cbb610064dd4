import { isMutating } from '../support/imap-command.ts';
import type { ImapProxy, ProxiedCommand } from '../support/imap-proxy.ts';
import { EVERY_COMMAND } from '../support/imap-proxy.ts';

/** One thing that goes wrong at one command; gives the way to find out whether it happened. */
export interface CommandFault {
  readonly name: string;
  /** The server falls silent: our own time-out has to end it. */
  readonly isSilent?: boolean;
  readonly plan: (proxy: ImapProxy, nth: number) => void;
}

const struck = (
  name: string,
  point: Parameters<ImapProxy['fault']>[0]['point'],
  effect: Parameters<ImapProxy['fault']>[0]['effect'],
): CommandFault => ({
  name,
  isSilent: effect === 'blackhole',
  plan: (proxy, nth) => void proxy.fault({ command: EVERY_COMMAND, nth, point, effect }),
});
const refused = (reply: string): CommandFault => ({
  name: reply.replace(/ [a-z].*$/u, ''),
  plan: (proxy, nth) => void proxy.refuse({ command: EVERY_COMMAND, nth, reply }),
});

const REFUSALS = ['NO not now', 'NO [OVERQUOTA] full', 'NO [TRYCREATE] none', 'NO [NOPERM] denied', 'NO [INUSE] busy'].map(refused);
const ENDS = [refused('BAD what'), refused('BYE going down')];
const READ = [struck('cut before the answer', { at: 'tagged' }, 'close'), struck('silent', { at: 'tagged' }, 'blackhole')];
const CHANGED = [
  struck('cut before it', { at: 'command' }, 'reset'),
  struck('cut after it was done', { at: 'tagged' }, 'reset'),
  struck('silent before it', { at: 'command' }, 'blackhole'),
  struck('silent after it was done', { at: 'tagged' }, 'blackhole'),
];
const LITERAL = [0, 1, 150].map((bytes) => struck(`cut after ${bytes} bytes of the literal`, { at: 'literal', bytes }, 'close'));

/**
 * What can go wrong at a recorded command. One that only reads leaves the server as it is: cut before and after it is the same, and the
 * refusals take turns.
 */
export function faultsOf({ name, args }: ProxiedCommand, nth: number): readonly CommandFault[] {
  if (!isMutating(name, `${name} ${args}`)) return [...READ, ...ENDS, REFUSALS[nth % REFUSALS.length]!];
  return [...CHANGED, ...(name === 'APPEND' ? LITERAL : []), ...ENDS, ...REFUSALS];
}
