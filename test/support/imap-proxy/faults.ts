/** A command that went through the proxy. */
export interface ProxiedCommand {
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly tag: string;
  readonly name: string;
  /** What follows the name on the command's first line. */
  readonly args: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Bytes the client got from this command to the end of its tagged line; null until then. */
  answerBytes: number | null;
  /** The server's tagged line after the tag (`OK [COPYUID 1 2 3] Done.`), whether it reached the client or not; null without one. */
  reply: string | null;
  /** What COPYUID told, untagged (MOVE) or tagged; null where it did not. */
  copyUid: string | null;
  /** How the literal began that came with it; empty where none did. */
  literalHead: string;
  /** The hidden capability for which the command was refused, or null. */
  readonly refusedFor: string | null;
}

/** Where in the course of a command a fault strikes. */
export type FaultPoint =
  /** The command has been read and is not passed on. */
  | { readonly at: 'command' }
  /** This many bytes of the client's literal have been passed on. */
  | { readonly at: 'literal'; readonly bytes: number }
  /** The client has got this many bytes since the command was passed on. */
  | { readonly at: 'answer'; readonly bytes: number }
  /** The server has carried the command out; its tagged line is held back. */
  | { readonly at: 'tagged' };

/** What happens then, to both halves of the connection. */
export type FaultEffect =
  /** An orderly end (FIN). */
  | 'close'
  | 'reset'
  /** Nothing more passes; the connection stays open. */
  | 'blackhole';

export interface ProxyFault {
  /** E.g. `UID FETCH`; EVERY_COMMAND counts them all, but for those around a log-in. */
  readonly command: string;
  /** Counted from the moment of planning, from 1 (default). */
  readonly nth?: number;
  readonly point: FaultPoint;
  readonly effect: FaultEffect;
}

/** A refusal in the server's name: the command is not passed on. */
export interface ProxyRefusal {
  readonly command: string;
  readonly nth?: number | 'every';
  /** Only where the arguments hold this text. */
  readonly args?: string;
  /** E.g. `NO [OVERQUOTA] Quota exceeded`; with `BYE …` the connection ends after it. */
  readonly reply: string;
}

/** A server offers something else from the moment on at which it has read a command. */
export interface ProxyOffer {
  readonly command: string;
  readonly nth?: number;
  /** Capabilities that are hidden from then on, from any connection, in place of those that were. */
  readonly hidden: readonly string[];
  /** Told in the same session (untagged CAPABILITY, the command is carried out), or by the log-in after a cut. */
  readonly how: 'told' | 'cut';
}

/** As the name of a command: any of them. */
export const EVERY_COMMAND = '*';
const AROUND_LOGIN = new Set(['AUTHENTICATE', 'CAPABILITY', 'ID', 'LOGIN', 'LOGOUT', 'STARTTLS']);

/** Whether EVERY_COMMAND counts a command of this name. */
export const isCounted = (name: string): boolean => !AROUND_LOGIN.has(name);

export interface PlannedProxyFault {
  /** True once it has struck. */
  readonly hasFired: boolean;
  /** Resolves when it strikes. */
  readonly fired: Promise<void>;
  cancel(): void;
}

/** What a connection is to do about the command it has just read. */
export type Decision =
  { readonly fault: ProxyFault; readonly fire: () => void } | { readonly refusal: string } | { readonly offer: ProxyOffer } | null;

interface Plan {
  readonly command: string;
  readonly nth: number | 'every';
  readonly args?: string;
  seen: number;
  readonly decision: Exclude<Decision, null>;
}

/** The faults that tests have planned and that have not struck yet. */
export class FaultPlans {
  readonly #plans = new Set<Plan>();

  addFault(fault: ProxyFault): PlannedProxyFault {
    let resolve: () => void = () => undefined;
    const state = { hasFired: false };
    const fired = new Promise<void>((done) => (resolve = done));
    const fire = (): void => {
      state.hasFired = true;
      resolve();
    };
    const plan: Plan = { command: fault.command, nth: fault.nth ?? 1, seen: 0, decision: { fault, fire } };
    this.#plans.add(plan);
    return {
      get hasFired() {
        return state.hasFired;
      },
      fired,
      cancel: () => this.#plans.delete(plan),
    };
  }

  addRefusal(refusal: ProxyRefusal): () => void {
    const { command, nth = 1, args, reply } = refusal;
    const plan: Plan = { command, nth, ...(args === undefined ? {} : { args }), seen: 0, decision: { refusal: reply } };
    this.#plans.add(plan);
    return () => this.#plans.delete(plan);
  }

  addOffer(offer: ProxyOffer): void {
    this.#plans.add({ command: offer.command, nth: offer.nth ?? 1, seen: 0, decision: { offer } });
  }

  clear(): void {
    this.#plans.clear();
  }

  /** Counts the command and gives what was planned for it. */
  decide(name: string, args: string): Decision {
    for (const plan of this.#plans) {
      const isMeant = plan.command === name || (plan.command === EVERY_COMMAND && isCounted(name));
      if (!isMeant || !args.includes(plan.args ?? '')) continue;
      plan.seen += 1;
      if (plan.nth !== 'every' && plan.seen !== plan.nth) continue;
      if (plan.nth !== 'every') this.#plans.delete(plan);
      return plan.decision;
    }
    return null;
  }
}
