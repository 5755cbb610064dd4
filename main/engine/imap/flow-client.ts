import { FLOW_IN_LITERAL, type FlowCommand, type FlowConnection, type StreamItem } from './flow-connection.ts';
import type { MessagePieces } from './gateway.ts';
import { writeLiteral } from './stream-literal.ts';
import type { CommandText } from './wire/command-text.ts';
import type { AnswerBounds, WireClient } from './wire/wire.ts';

/** Room for the framing around a literal of the largest size. */
const RESPONSE_MARGIN = 64 * 1024;

const text = (value: string): FlowCommand => ({ type: 'TEXT', value: Buffer.from(value, 'latin1') });

function toFlowCommand(part: CommandText): FlowCommand {
  if (typeof part === 'string') return text(part);
  // Announced as a synchronising literal: its bytes follow when the server asks for them.
  return 'literal' in part ? { type: 'LITERAL', value: part.literal } : text(`{${part.source.sizeBytes}}`);
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
    const last = parts.at(-1);
    const source = typeof last === 'object' && 'source' in last ? last.source : null;
    let isWritten: Promise<void> | null = null;
    const options = source
      ? { onPlusTag: () => ((isWritten ??= this.#write(source)), Promise.resolve()) }
      : onContinue
        ? { onPlusTag: () => Promise.resolve(onContinue()) }
        : {};
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
    } finally {
      // Refused halfway, the rest has to go out all the same: the server takes it for the literal.
      await isWritten;
    }
  }

  /** Answers go on being read meanwhile. */
  async #write(source: MessagePieces): Promise<void> {
    try {
      await writeLiteral(this.#flow.writeSocket, source);
    } catch (error) {
      this.onError(error);
      this.destroy(); // half a literal cannot be taken back
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
