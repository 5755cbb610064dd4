import type { Socket } from 'node:net';

/**
 * Points of a conversation. `connect`: the TCP connection stands. `greeting`, then the commands; `TLS` is the handshake, of either kind;
 * `AUTH` is the whole exchange, `AUTH-STEP` each answer in it from the first 334 to the last word; `BODY` the mail with its final dot.
 */
export type SmtpPoint =
  | 'connect'
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'TLS'
  | 'AUTH'
  | 'AUTH-STEP'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BODY'
  | 'RSET'
  | 'QUIT'
  | 'NOOP';

/** `reset`: RST. `end`: both directions closed. `half-close`: our sending side is closed, what comes is still read. `stall`: silence. `deaf`: silence, and nothing is read. */
export type SmtpCut = 'reset' | 'end' | 'half-close' | 'stall' | 'deaf';

export interface SmtpFault {
  readonly at: SmtpPoint;
  /** The n-th time this point is reached, over all connections, counted from the planning (default 1); `every` for all. */
  readonly nth?: number | 'every';
  /**
   * `before`: it is neither carried out nor answered. `unanswered`: carried out (a mail is accepted), but not answered. `after`: carried
   * out and answered, then the cut. Default `before`.
   */
  readonly when?: 'before' | 'unanswered' | 'after';
  readonly cut?: SmtpCut;
  /** Answered in place of the usual, before the cut if there is one; the command is not carried out. Several lines with `\n`. */
  readonly reply?: string;
  /** The same as bytes, without a line end of ours: half a reply, garbage. */
  readonly bytes?: string | Buffer;
  /**
   * At BODY: as soon as this many bytes of the mail have come (on the wire), and not at its end. At TLS: as soon as so many bytes of ours
   * have left, counted from our first of the handshake; with 0 the client has spoken and hears nothing.
   */
  readonly afterBytes?: number;
  /** Waits so long before anything is answered. */
  readonly delayMs?: number;
}

interface Plan {
  readonly fault: SmtpFault;
  seen: number;
}

/** Faults that are still to happen. */
export class FaultPlans {
  readonly #plans = new Set<Plan>();

  add(fault: SmtpFault): () => void {
    const plan = { fault, seen: 0 };
    this.#plans.add(plan);
    return () => this.#plans.delete(plan);
  }

  /** The fault of this point now; one that has happened is forgotten unless it is for every time. */
  at(point: SmtpPoint): SmtpFault | null {
    for (const plan of this.#plans) {
      if (plan.fault.at !== point) continue;
      plan.seen += 1;
      const nth = plan.fault.nth ?? 1;
      if (nth === 'every') return plan.fault;
      if (plan.seen !== nth) continue;
      this.#plans.delete(plan);
      return plan.fault;
    }
    return null;
  }
}

/** Breaks a connection. With `stall` and `half-close` it stays, and what comes is read and dropped until the client goes. */
export async function breakOff(cut: SmtpCut, socket: Socket, raw: Socket): Promise<void> {
  if (cut === 'reset') return void raw.resetAndDestroy();
  if (cut === 'end') return void raw.destroy();
  if (cut === 'deaf') {
    socket.pause();
    return new Promise((resolve) => raw.once('close', () => resolve()));
  }
  if (cut === 'half-close') socket.end();
  socket.on('data', () => undefined).resume();
  if (!socket.destroyed && !socket.readableEnded) {
    await new Promise<void>((resolve) => socket.once('close', resolve).once('end', resolve));
  }
  raw.destroy();
}
