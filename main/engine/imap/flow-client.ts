import { FLOW_IN_LITERAL, type FlowCommand, type FlowConnection, type StreamItem } from './flow-connection.ts';
import type { CommandText } from './wire/command-text.ts';
import type { AnswerBounds, WireClient } from './wire/wire.ts';

/** Room for the framing around a literal of the largest size. */
const RESPONSE_MARGIN = 64 * 1024;

function toFlowCommand(part: CommandText): FlowCommand {
  return typeof part === 'string' ? { type: 'TEXT', value: Buffer.from(part, 'latin1') } : { type: 'LITERAL', value: part.literal };
}

/** Puts a logged-in imapflow connection below a Wire. */
export class FlowClient implements WireClient {
  readonly #flow: FlowConnection;
  #isReaderBusy = false;
  onAnswer: WireClient['onAnswer'] = () => undefined;
  onEnd: () => void = () => undefined;
  onError: (error: unknown) => void = () => undefined;

  constructor(flow: FlowConnection) {
    this.#flow = flow;
    flow.tap = (item) => this.#tap(item);
    flow.onClose = () => this.onEnd();
    flow.onError = (error) => this.onError(error);
  }

  get capabilities(): ReadonlyMap<string, unknown> {
    return this.#flow.capabilities;
  }

  bytesReceived(): number {
    return this.#flow.streamer.readBytesCounter;
  }

  isMidAnswer(): boolean {
    const { lineBytes, inputBuffer, state } = this.#flow.streamer;
    return lineBytes > 0 || inputBuffer.length > 0 || state === FLOW_IN_LITERAL;
  }

  isReaderBusy(): boolean {
    return this.#isReaderBusy;
  }

  setBounds({ line, literal }: AnswerBounds): void {
    const { streamer } = this.#flow;
    streamer.maxLineLength = line;
    streamer.maxLiteralSize = literal;
    streamer.maxResponseSize = line + literal + RESPONSE_MARGIN;
  }

  async exec(command: string, parts: readonly CommandText[], onContinue?: () => void): Promise<Buffer> {
    const options = onContinue ? { onPlusTag: () => Promise.resolve(onContinue()) } : {};
    try {
      const answer = await this.#flow.exec(command, parts.map(toFlowCommand), options);
      const { completion } = this.#flow;
      answer.next();
      return completion;
    } catch (error) {
      // NO and BAD are answers: the tagged line itself says more than the library's error about it.
      const { responseStatus, code } = error as { responseStatus?: unknown; code?: unknown };
      if ((responseStatus !== 'NO' && responseStatus !== 'BAD') || code !== undefined) throw error;
      return this.#flow.completion;
    }
  }

  writeLine(line: string): void {
    this.#flow.write(line);
  }

  logout(): Promise<void> {
    return this.#flow.logout();
  }

  destroy(): void {
    this.#flow.close();
  }

  #tap({ payload, literals }: StreamItem): void | Promise<void> {
    const pending = this.onAnswer(payload, literals);
    if (!pending) return undefined;
    this.#isReaderBusy = true;
    return pending.finally(() => {
      this.#isReaderBusy = false;
    });
  }
}
