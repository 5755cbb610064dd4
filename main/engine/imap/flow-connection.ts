import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { MailError } from '../../../shared/errors.ts';
import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { Credentials } from './gateway.ts';

/** What a connection is made with. */
export interface FlowOptions {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly side: Side;
  readonly tls: ConnectionOptions;
  /** Made through a proxy already; null where the server is to be reached directly. */
  readonly tunnel: Socket | null;
  readonly connectTimeoutMs: number;
  readonly greetingTimeoutMs: number;
  /** The first answer of the server has come. */
  readonly onGreeting: () => void;
  /** STARTTLS has succeeded. */
  readonly onTls: () => void;
  /** The server wants a person to be told this. */
  readonly onAlert: (text: string) => void;
}

/** An answer as imapflow's stream gives it: the line without its end, and its literals. */
export interface StreamItem {
  readonly payload: Buffer;
  readonly literals: readonly Buffer[];
}

/** A piece of a command as imapflow takes it: TEXT goes out as it is. */
export interface FlowCommand {
  readonly type: 'TEXT' | 'LITERAL';
  readonly value: Buffer;
}

/** State of imapflow's stream of answers; the limits may be changed from command to command. */
export interface FlowStream {
  maxLineLength: number;
  maxLiteralSize: number;
  maxResponseSize: number;
  readonly readBytesCounter: number;
  /** Bytes of a line whose end has not come. */
  readonly lineBytes: number;
  /** Pieces of that line. */
  readonly lineBuffer: Buffer[];
  /** Lines of an answer that goes on after a literal. */
  readonly inputBuffer: Buffer[];
  /** The literals of that answer. */
  readonly literals: Buffer[];
  /** FLOW_IN_LITERAL while a literal is coming. */
  state: number;
  /** Bytes of it that have not come. */
  literalWaiting: number;
  readonly destroyed: boolean;
  /** Reads what came from the socket, to the end of its last answer being handled. */
  processInputChunk(piece: Buffer): Promise<void>;
  /** Reads to the next change between lines and a literal; gives where that is, or null at the end. */
  processChunkSegment(piece: Buffer, from: number): Promise<number | null>;
}

export const FLOW_IN_LINE = 0x01;
export const FLOW_IN_LITERAL = 0x02;

/** The imapflow connection as the other files see it: none of them imports the library. */
export interface FlowConnection {
  readonly capabilities: ReadonlyMap<string, unknown>;
  readonly streamer: FlowStream;
  readonly isClosed: boolean;
  readonly socket: EventEmitter | false | null;
  /** Where commands are written: the socket, with TLS around it. */
  readonly writeSocket: Writable;
  /** Why we ended the connection ourselves while it was being made. */
  readonly failure: MailError | null;
  /** The tagged line that ended the last command. */
  readonly completion: Buffer;
  /** Takes every untagged answer once it is set; imapflow sees none but BYE from then on. */
  tap: ((item: StreamItem) => void | Promise<void>) | null;
  onClose: () => void;
  /** Why the library gave the connection up; told before onClose. */
  onError: (error: unknown) => void;
  connect(): Promise<void>;
  exec(command: string, attributes: readonly FlowCommand[], options?: { onPlusTag?: () => Promise<void> }): Promise<{ next(): void }>;
  write(text: string): void;
  logout(): Promise<void>;
  close(): void;
}
