import { commandHead } from '../imap-command.ts';
import { WireScanner, withoutLineEnd, type LiteralMark } from '../imap-wire.ts';
import { FaultPlans, type Decision, type FaultEffect, type ProxiedCommand, type ProxyFault, type ProxyOffer } from './faults.ts';
import { filterEnable, filterServerLine, hiddenCapabilityOf } from './filter.ts';
import type { Link } from './link.ts';

/** What all connections of a proxy share. */
export interface ConnectionRules {
  readonly plans: FaultPlans;
  readonly log: ProxiedCommand[];
  /** Hidden capabilities, upper case. */
  readonly hidden: ReadonlySet<string>;
  /** Hides these from all connections to come; gives their names, upper case. */
  readonly hide: (capabilities: readonly string[]) => ReadonlySet<string>;
}

interface Armed {
  readonly fault: ProxyFault;
  readonly fire: () => void;
  readonly tag: string;
  /** Bytes still to pass before it strikes (answer, literal). */
  left: number;
}

/** Of a literal, what is kept for those who read the log. */
const HEAD_BYTES = 8192;

const lineOf = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');

/** One IMAP connection through the proxy: reads both directions as protocol, filters, logs, and strikes as planned. */
export class ProxyConnection {
  readonly #link: Link;
  readonly #rules: ConnectionRules;
  readonly #number: number;
  readonly #running = new Map<string, { entry: ProxiedCommand; from: number }>();
  readonly #fromClient: WireScanner;
  readonly #fromServer: WireScanner;
  #sentToClient = 0;
  #isServerContinuation = false;
  #isClientContinuation = false;
  /** Client bytes of a refused command are swallowed up to its end. */
  #isSwallowing = false;
  #armed: Armed | null = null;
  /** Lines of our own, waiting for the end of the server's current answer. */
  #ownLines: Buffer[] = [];
  /** Tag of the command whose synchronising literal the server has not asked for yet. */
  #awaitsGo: string | null = null;
  #isOver = false;
  #hidden: ReadonlySet<string>;
  #last: ProxiedCommand | null = null;
  /** What the server said last of its own capabilities. */
  #offered = '';

  constructor(link: Link, rules: ConnectionRules, number: number) {
    this.#link = link;
    this.#rules = rules;
    this.#hidden = rules.hidden;
    this.#number = number;
    this.#fromClient = new WireScanner({
      line: (line, literal) => this.#onClientLine(line, literal),
      data: (chunk) => this.#onClientLiteral(chunk),
    });
    this.#fromServer = new WireScanner({
      line: (line, literal) => this.#onServerLine(line, literal),
      data: (chunk) => this.#toClient(chunk),
    });
    link.pump(
      (chunk) => this.#fromClient.push(chunk),
      (chunk) => {
        this.#fromServer.push(chunk);
        this.#flushOwnLines();
      },
    );
  }

  #onClientLine(line: Buffer, literal: LiteralMark | null): void {
    const isContinuation = this.#isClientContinuation;
    const wasSwallowing = this.#isSwallowing;
    this.#isClientContinuation = literal !== null;
    if (isContinuation && wasSwallowing) {
      this.#isSwallowing = this.#isClientContinuation;
      return;
    }
    const head = isContinuation ? null : commandHead(withoutLineEnd(line).toString('latin1'));
    if (literal && !literal.isNonSync) this.#awaitsGo = head?.tag ?? this.#awaitsGo;
    if (head) this.#onCommand(head, line, literal);
    else this.#toUpstream(line);
  }

  #onCommand(head: { tag: string; name: string; args: string }, line: Buffer, literal: LiteralMark | null): void {
    const { plans, log } = this.#rules;
    const hidden = this.#hidden;
    const isUnasked = literal?.isNonSync === true && hidden.has('LITERAL+');
    const refusedFor = isUnasked ? 'LITERAL+' : hiddenCapabilityOf(head.name, head.args, hidden);
    const entry: ProxiedCommand = {
      connection: this.#number,
      ...head,
      at: Date.now(),
      answerBytes: null,
      reply: null,
      copyUid: null,
      literalHead: '',
      refusedFor,
    };
    log.push(entry);
    this.#last = entry;
    if (refusedFor) return this.#refuse(`${head.tag} BAD Unknown command (${refusedFor} is not offered)`, literal);
    this.#running.set(head.tag, { entry, from: this.#sentToClient });
    const decision = plans.decide(head.name, head.args);
    if (decision && 'refusal' in decision) return this.#refusePlanned(head.tag, decision.refusal, literal);
    if (decision && 'offer' in decision) this.#offer(decision.offer);
    this.#arm(decision, head.tag);
    if (this.#isOver) return;
    if (head.name === 'ENABLE') return this.#enable(head);
    this.#toUpstream(line);
  }

  #offer({ hidden, how }: ProxyOffer): void {
    this.#hidden = this.#rules.hide(hidden);
    if (how === 'cut') return this.#end('close');
    this.#own(filterServerLine(`* CAPABILITY ${this.#offered}`, this.#hidden) ?? '');
  }

  #enable(head: { tag: string; args: string }): void {
    const left = filterEnable(head.args, this.#hidden);
    if (left === null) this.#own(`* ENABLED\r\n${head.tag} OK Enabled.`);
    else this.#toUpstream(lineOf(`${head.tag} ENABLE ${left}`));
  }

  #refusePlanned(tag: string, reply: string, literal: LiteralMark | null): void {
    const running = this.#running.get(tag);
    if (running) running.entry.reply = reply;
    const isBye = reply.startsWith('BYE');
    this.#refuse(isBye ? `* ${reply}` : `${tag} ${reply}`, literal);
    if (isBye) this.#end('close');
  }

  #refuse(reply: string, literal: LiteralMark | null): void {
    this.#isSwallowing = literal?.isNonSync === true;
    this.#isClientContinuation = this.#isSwallowing;
    if (!this.#isSwallowing) this.#fromClient.dropLiteral();
    this.#own(reply);
  }

  #arm(decision: Decision, tag: string): void {
    if (!decision || !('fault' in decision)) return;
    const { point } = decision.fault;
    this.#armed = { ...decision, tag, left: 'bytes' in point ? point.bytes : 0 };
    if (point.at === 'command' || (point.at === 'answer' && point.bytes === 0)) this.#strike();
  }

  #onClientLiteral(chunk: Buffer): void {
    if (this.#isSwallowing) return;
    const last = this.#last;
    if (last && last.literalHead.length < HEAD_BYTES) last.literalHead += chunk.toString('latin1', 0, HEAD_BYTES - last.literalHead.length);
    const armed = this.#armed;
    if (armed?.fault.point.at !== 'literal') return this.#toUpstream(chunk);
    this.#toUpstream(chunk.subarray(0, armed.left));
    armed.left -= chunk.length;
    if (armed.left <= 0) this.#strike();
  }

  #onServerLine(line: Buffer, literal: LiteralMark | null): void {
    const isContinuation = this.#isServerContinuation;
    this.#isServerContinuation = literal !== null;
    if (isContinuation) return this.#toClient(line);
    const text = withoutLineEnd(line).toString('latin1');
    const tag = text.split(' ', 1)[0] as string;
    const running = this.#running.get(tag);
    if (running) running.entry.reply = text.slice(tag.length + 1);
    const told = /^(?:\*|\S+) OK \[COPYUID ([^\]]*)\]/iu.exec(text)?.[1];
    if (told !== undefined && this.#last) this.#last.copyUid ??= told;
    this.#offered = /^(?:\* CAPABILITY |\S+ OK \[CAPABILITY )([^\]]*)/iu.exec(text)?.[1] ?? this.#offered;
    const armed = this.#armed;
    // A literal that is to be cut at its first byte, or a tagged line that is to be lost.
    if (
      armed &&
      ((armed.fault.point.at === 'tagged' && armed.tag === tag) || (armed.fault.point.at === 'literal' && armed.left === 0 && tag === '+'))
    ) {
      return this.#strike();
    }
    const shown = filterServerLine(text, this.#hidden);
    if (shown === null) return;
    this.#toClient(shown === text ? line : lineOf(shown));
    this.#finish(tag);
  }

  #finish(tag: string): void {
    if (tag === this.#awaitsGo) {
      this.#fromClient.dropLiteral();
      this.#isClientContinuation = false;
      this.#awaitsGo = null;
    } else if (tag === '+') this.#awaitsGo = null;
    const running = this.#running.get(tag);
    if (!running) return;
    this.#running.delete(tag);
    running.entry.answerBytes = this.#sentToClient - running.from;
    if (this.#armed?.tag === tag) this.#strike();
  }

  #own(text: string): void {
    this.#ownLines.push(lineOf(text));
    this.#flushOwnLines();
  }

  #flushOwnLines(): void {
    if (!this.#fromServer.isAtLineStart || this.#isServerContinuation) return;
    for (const line of this.#ownLines.splice(0)) {
      this.#toClient(line);
      this.#finish(line.toString('latin1').split('\r\n').at(-2)?.split(' ', 1)[0] ?? '');
    }
  }

  #toUpstream(bytes: Buffer): void {
    if (!this.#isOver) this.#link.toUpstream(bytes);
  }

  #toClient(bytes: Buffer): void {
    if (this.#isOver) return;
    const armed = this.#armed?.fault.point.at === 'answer' ? this.#armed : null;
    const passed = armed ? bytes.subarray(0, armed.left) : bytes;
    this.#sentToClient += passed.length;
    this.#link.toClient(passed);
    if (!armed) return;
    armed.left -= passed.length;
    if (armed.left <= 0) this.#strike();
  }

  #strike(): void {
    const armed = this.#armed;
    if (!armed || this.#isOver) return;
    this.#end(armed.fault.effect);
    armed.fire();
  }

  #end(effect: FaultEffect): void {
    this.#isOver = true;
    this.#link.strike(effect);
  }
}
