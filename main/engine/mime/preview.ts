import { limits } from '../../../shared/limits.ts';
import { cleanLine } from './clean-text.ts';

/** Enough lines of any mail to fill a preview. */
const SCANNED_CHARS = 12_000;

const SIGNATURE = /^-- ?$/;
const FORWARDED =
  /^(?:-{2,}|_{5,})\s*(?:original message|forwarded message|urspr[uü]ngliche nachricht|weitergeleitete nachricht)?\s*(?:-{2,}|_{5,})?$/i;
const ATTRIBUTION = /^(?:on|am|le|el|il|op)\s.{5,200}(?:wrote|writes|schrieb|schrieben|a écrit|escribió|ha scritto|schreef).{0,120}:$/i;

/**
 * First words of a text for the message list, one line of at most limits.maxPreviewChars: what the sender wrote, not what was
 * quoted or signed; all of it where nothing else is left.
 */
export function previewOf(text: string): string {
  const head = text.slice(0, SCANNED_CHARS);
  const own = cleanLine(ownLines(head).join(' '), limits.maxPreviewChars);
  return own !== '' ? own : cleanLine(head, limits.maxPreviewChars);
}

function ownLines(head: string): string[] {
  const out: string[] = [];
  let chars = 0;
  for (const full of head.split('\n')) {
    const line = full.trim();
    if (SIGNATURE.test(line) && out.length > 0) break;
    if (FORWARDED.test(line) && line.length > 1 && /[a-z]|_{5}/i.test(line) && out.length > 0) break;
    if (line === '' || line.startsWith('>') || (line.length < 320 && ATTRIBUTION.test(line))) continue;
    out.push(line);
    chars += line.length;
    if (chars > limits.maxPreviewChars * 3) break;
  }
  return out;
}
