import { decodeBytes } from './charset.ts';

const WORD = /=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]{0,4000})\?=/g;

/**
 * Decodes RFC 2047 encoded words in an unfolded text. Neighbouring words of one charset are joined before decoding, since
 * senders cut inside multibyte characters. Linear in the length.
 */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let out = '';
  let last = 0;
  let pending: { charset: string; bytes: Buffer[] } | null = null;
  const flush = () => {
    if (pending) out += decodeBytes(Buffer.concat(pending.bytes), pending.charset);
    pending = null;
  };
  for (const match of text.matchAll(WORD)) {
    const between = text.slice(last, match.index);
    const charset = (match[1] as string).toLowerCase();
    const isNeighbour = pending !== null && /^\s*$/.test(between);
    if (!isNeighbour || (pending as { charset: string } | null)?.charset !== charset) {
      flush();
      if (!isNeighbour) out += between;
      pending = { charset, bytes: [] };
    }
    (pending as unknown as { bytes: Buffer[] }).bytes.push(wordBytes(match[2] as string, match[3] as string));
    last = match.index + match[0].length;
  }
  flush();
  return out + text.slice(last);
}

function wordBytes(encoding: string, payload: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(payload, 'base64');
  const latin1 = payload.replace(/_/g, ' ').replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}
