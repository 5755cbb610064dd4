import { limits } from '../../../../shared/limits.ts';

const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Fields of a header block by lower-case name, unfolded, one character a byte; a field that comes several times has several
 * bodies. Lines that are no field are passed over. Bounded by limits.maxHeaderLines.
 */
export function headerFields(block: Buffer): Map<string, string[]> {
  const text = block.toString('latin1', 0, Math.min(block.length, limits.maxHeaderBytes));
  const fields = new Map<string, string[]>();
  let bodies: string[] | null = null;
  let lines = 0;
  for (let at = 0; at < text.length && lines < limits.maxHeaderLines; lines += 1) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? text.length : newline;
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    const first = text.charCodeAt(at);
    if (first === SPACE || first === TAB) {
      if (bodies) bodies[bodies.length - 1] += text.slice(at, end);
    } else bodies = begin(fields, text, at, end);
    at = next;
  }
  return fields;
}

function begin(fields: Map<string, string[]>, text: string, start: number, end: number): string[] | null {
  const colon = text.indexOf(':', start);
  if (colon <= start || colon >= end) return null;
  let nameEnd = colon;
  while (nameEnd > start && (text.charCodeAt(nameEnd - 1) === SPACE || text.charCodeAt(nameEnd - 1) === TAB)) nameEnd -= 1;
  const name = text.slice(start, nameEnd).toLowerCase();
  let from = colon + 1;
  while (from < end && (text.charCodeAt(from) === SPACE || text.charCodeAt(from) === TAB || text.charCodeAt(from) === COLON)) from += 1;
  const body = text.slice(from, end);
  const known = fields.get(name);
  if (known) {
    known.push(body);
    return known;
  }
  const bodies = [body];
  fields.set(name, bodies);
  return bodies;
}
