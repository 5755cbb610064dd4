/** Bytes of base64 text at an offset, without decoding what lies before. */
function bytesAt(base64: string, offset: number, count: number): Uint8Array {
  const from = Math.floor(offset / 3) * 4;
  const text = base64.slice(from, from + Math.ceil((count + 2) / 3) * 4 + 4);
  const decoded = atob(text.slice(0, text.length - (text.length % 4)));
  return Uint8Array.from(decoded.slice(offset % 3, (offset % 3) + count), (char) => char.charCodeAt(0));
}

/** Lines of base64, together. */
const withoutBlanks = (base64: string): string => (/\s/u.test(base64) ? base64.replaceAll(/\s+/gu, '') : base64);
/** More than the first bytes take in any lines that mail has, and what they take at least. */
const HEAD_CHARS = 4_096;
const HEAD_LEAST = 64;

const big16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const little16 = (bytes: Uint8Array, at: number): number => ((bytes[at + 1] ?? 0) << 8) | (bytes[at] ?? 0);
const little24 = (bytes: Uint8Array, at: number): number => little16(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
const MAX_JPEG_SEGMENTS = 2_000;

/** Frame headers (ITU-T T.81, B.2.2); C4, C8 and CC between them are others. */
const isFrameHeader = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpegPixels(base64: string): number {
  for (let at = 2, n = 0; n < MAX_JPEG_SEGMENTS; n += 1) {
    const bytes = bytesAt(base64, at, 9);
    if (bytes.length < 9 || bytes[0] !== 0xff) break;
    const marker = bytes[1] ?? 0;
    if (isFrameHeader(marker)) return big16(bytes, 5) * big16(bytes, 7);
    at += marker === 0xff ? 1 : 2 + Math.max(2, big16(bytes, 2));
  }
  return Infinity;
}

function webpPixels(head: Uint8Array, kind: string): number {
  if (kind === 'VP8X') return (little24(head, 24) + 1) * (little24(head, 27) + 1);
  if (kind === 'VP8L') {
    const sizes = little16(head, 21) + little16(head, 23) * 0x1_0000;
    return ((sizes & 0x3fff) + 1) * (((sizes >>> 14) & 0x3fff) + 1);
  }
  return (little16(head, 26) & 0x3fff) * (little16(head, 28) & 0x3fff);
}

/**
 * Pixels that a picture says it has, by its first bytes alone (PNG, GIF, WebP, JPEG): a few bytes can ask for gigabytes.
 * 0 for what is no such picture, and is not drawn either; Infinity for one that does not say.
 */
export function pixelsOf(base64: string): number {
  try {
    const first = withoutBlanks(base64.slice(0, HEAD_CHARS));
    const head = bytesAt(first.length < HEAD_LEAST ? withoutBlanks(base64) : first, 0, 32);
    const text = String.fromCharCode(...head);
    if (text.startsWith('\u0089PNG')) return big16(head, 16) + big16(head, 20) > 0 ? Infinity : big16(head, 18) * big16(head, 22);
    if (text.startsWith('GIF8')) return little16(head, 6) * little16(head, 8);
    if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return webpPixels(head, text.slice(12, 16));
    return text.startsWith('\u00ff\u00d8') ? jpegPixels(withoutBlanks(base64)) : 0;
  } catch {
    return 0; // no base64 after all: nothing is drawn of it
  }
}
