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
  /** E.g. `UID FETCH`. */
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

export interface PlannedProxyFault {
  /** True once it has struck. */
  readonly hasFired: boolean;
  /** Resolves when it strikes. */
  readonly fired: Promise<void>;
  cancel(): void;
}

/** What a connection is to do about the command it has just read. */
export type Decision = { readonly fault: ProxyFault; readonly fire: () => void } | { readonly refusal: string } | null;

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

  /** Counts the command and gives what was planned for it. */
  decide(name: string, args: string): Decision {
    for (const plan of this.#plans) {
      if (plan.command !== name || !args.includes(plan.args ?? '')) continue;
      plan.seen += 1;
      if (plan.nth !== 'every' && plan.seen !== plan.nth) continue;
      if (plan.nth !== 'every') this.#plans.delete(plan);
      return plan.decision;
    }
    return null;
  }
}
