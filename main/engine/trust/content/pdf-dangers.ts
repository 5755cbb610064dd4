import { constants, inflateSync } from 'node:zlib';
import { dangerOfName } from '../../../../shared/trust/danger-names.ts';
import type { DangerFound } from '../danger-found.ts';

/** Compressed objects that are looked into, together. */
const OBJECT_BYTES = 16 * 1024 * 1024;
/** A stream's dictionary is written before it, within so many characters. */
const DICTIONARY_CHARS = 4_096;

/** Names of actions by which a document runs a script or starts a program (ISO 32000-1 12.6.4). */
const ACTS = /\/(?:JavaScript|JS|Launch|RichMedia)(?![A-Za-z0-9])/u;
/** Any character of a name may be written as `#` and two digits (ISO 32000-1 7.3.5). */
const ESCAPED_NAME = /\/[A-Za-z]{0,20}#[0-9A-Fa-f]{2}[A-Za-z0-9#]{0,40}/gu;
const FILE_NAME = /\/(?:UF|F)\s*\(([^()\\]{1,255})\)/gu;

/** Why a PDF can do harm where it is opened by a program that carries out what it asks for; null where nothing is found. Pure. */
export function dangerOfPdf(content: Buffer): DangerFound | null {
  for (const text of objectsOf(content)) {
    const names = (text.match(ESCAPED_NAME) ?? []).map(unescaped);
    if (ACTS.test(text) || names.some((name) => ACTS.test(name))) return { code: 'pdf-acts', named: '' };
    for (const [, name = ''] of text.matchAll(FILE_NAME)) {
      const danger = dangerOfName(name);
      // Invoices carry XML in them.
      if (danger !== null && danger.code !== 'web-page') return { code: 'embedded-file', named: name.slice(0, 255) };
    }
  }
  return null;
}

const unescaped = (name: string): string =>
  name.replace(/#([0-9A-Fa-f]{2})/gu, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

/** What lies outside of streams, and the streams that hold objects. Pictures and pages hold no actions. */
function* objectsOf(content: Buffer): Generator<string> {
  let room = OBJECT_BYTES;
  let at = 0;
  while (at < content.length) {
    const begin = content.indexOf('stream', at, 'latin1');
    const end = begin < 0 ? -1 : content.indexOf('endstream', begin, 'latin1');
    if (begin < 0 || end < 0) break;
    const text = content.toString('latin1', at, begin);
    yield text;
    if (/\/ObjStm(?![A-Za-z0-9])/u.test(text.slice(-DICTIONARY_CHARS)) && room > 0) {
      const inflated = inflatedStream(content.subarray(begin + 6, end), room);
      room -= inflated.length;
      yield inflated;
    }
    at = end + 9;
  }
  yield content.toString('latin1', at);
}

function inflatedStream(bytes: Buffer, room: number): string {
  const start = bytes[0] === 13 && bytes[1] === 10 ? 2 : 1;
  try {
    return inflateSync(bytes.subarray(start), { maxOutputLength: room, finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch {
    return bytes.toString('latin1'); // not packed, or damaged
  }
}
