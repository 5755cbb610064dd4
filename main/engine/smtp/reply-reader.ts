import { replyOf, type Reply } from './reply.ts';

/** RFC 5321 4.5.3.1.5 allows 512; servers write longer ones, but none so long. */
const MAX_LINE_BYTES = 8 * 1024;
export const MAX_REPLY_BYTES = 64 * 1024;
const LF = 0x0a;
const REPLY_LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/s;

/** What the server sent is no reply. `what` is safe for logs. */
export class ReplyViolation extends Error {
  override readonly name = 'ReplyViolation';
  constructor(readonly what: string) {
    super(what);
  }
}

/** Reads replies from the bytes of a server, however they are cut. Memory is bounded by the longest reply allowed. */
export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0);
  #code: number | null = null;
  #lines: string[] = [];
  #replyBytes = 0;

  /** Gives the replies that these bytes complete, one by one. @throws ReplyViolation; nothing can be read after that. */
  *push(chunk: Uint8Array): Generator<Reply> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(LF); end >= 0; end = this.#rest.indexOf(LF)) {
      const reply = this.#line(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end + 1);
      if (reply) yield reply;
    }
    if (this.#rest.length > MAX_LINE_BYTES) throw new ReplyViolation('reply line too long');
  }

  #line(bytes: Buffer): Reply | null {
    this.#replyBytes += bytes.length;
    if (bytes.length > MAX_LINE_BYTES) throw new ReplyViolation('reply line too long');
    if (this.#replyBytes > MAX_REPLY_BYTES) throw new ReplyViolation('reply too long');
    const match = REPLY_LINE.exec(decode(bytes).replace(/\r$/, ''));
    if (!match) throw new ReplyViolation('not a reply line');
    const code = Number(match[1]);
    if (this.#code !== null && this.#code !== code) throw new ReplyViolation('reply of two codes');
    this.#lines.push(match[3] ?? '');
    this.#code = code;
    if (match[2] === '-') return null;
    const reply = replyOf(code, this.#lines);
    this.#code = null;
    this.#lines = [];
    this.#replyBytes = 0;
    return reply;
  }
}

/** What is wrong with one reply that others have put together, its lines parted by LF; null when it is one. */
export function faultOfReply(text: string): ReplyViolation | null {
  try {
    const { length } = [...new ReplyReader().push(Buffer.from(`${text}\r\n`))];
    return length === 1 ? null : new ReplyViolation('not one reply');
  } catch (error) {
    if (error instanceof ReplyViolation) return error;
    throw error;
  }
}

/** Replies have no charset of their own: UTF-8 where it is valid (RFC 6531 3.7.4.2), else byte by byte. */
function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
