import { headerValues, parameters, type MimePart } from './mime-tree.ts';
import { nstring } from './wire-text.ts';

function addressText(text: string): string {
  const angle = /^(.*?)<([^>]*)>\s*$/s.exec(text);
  const name = angle
    ? (angle[1] as string)
        .trim()
        .replace(/^"(.*)"$/s, '$1')
        .replace(/\\(.)/g, '$1')
    : '';
  const spec = (angle ? (angle[2] as string) : text).trim();
  const at = spec.lastIndexOf('@');
  const [local, host] = at < 0 ? [spec, ''] : [spec.slice(0, at), spec.slice(at + 1)];
  return `(${nstring(name === '' ? null : name)} NIL ${nstring(local)} ${nstring(host)})`;
}

function addressList(header: Buffer, name: string): string {
  const items = headerValues(header, name).flatMap((value) => value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []);
  const written = items.map((item) => item.trim()).filter(Boolean);
  return written.length === 0 ? 'NIL' : `(${written.map(addressText).join('')})`;
}

/** ENVELOPE of RFC 9051, section 7.5.2. */
export function envelopeText(header: Buffer): string {
  const text = (name: string): string => nstring(headerValues(header, name)[0] ?? null);
  const from = addressList(header, 'From');
  const orFrom = (name: string): string => {
    const list = addressList(header, name);
    return list === 'NIL' ? from : list;
  };
  const lists = `${from} ${orFrom('Sender')} ${orFrom('Reply-To')} ${addressList(header, 'To')} ${addressList(header, 'Cc')} ${addressList(header, 'Bcc')}`;
  return `(${text('Date')} ${text('Subject')} ${lists} ${text('In-Reply-To')} ${text('Message-ID')})`;
}

function paramsText(params: ReadonlyMap<string, string>): string {
  if (params.size === 0) return 'NIL';
  return `(${[...params].map(([name, value]) => `${nstring(name)} ${nstring(value)}`).join(' ')})`;
}

function dispositionText(header: Buffer): string {
  const written = headerValues(header, 'Content-Disposition')[0];
  if (written === undefined) return 'NIL';
  const { value, params } = parameters(written);
  return `(${nstring(value)} ${paramsText(params)})`;
}

function lineCount(body: Buffer): number {
  let lines = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines += 1;
  return lines;
}

function multipartText(part: MimePart, isExtended: boolean): string {
  const subtype = nstring(part.type.split('/')[1] as string);
  const children = part.children.map((child) => structureText(child, isExtended)).join('');
  return `(${children} ${subtype}${isExtended ? ` ${paramsText(part.params)} ${dispositionText(part.header)} NIL NIL` : ''})`;
}

/** BODYSTRUCTURE (extended) or BODY of RFC 9051, section 7.5.2. */
export function structureText(part: MimePart, isExtended: boolean): string {
  if (part.children.length > 0) return multipartText(part, isExtended);
  const [type, subtype] = part.type.split('/') as [string, string];
  const params = type === 'text' && part.params.size === 0 ? new Map([['charset', 'us-ascii']]) : part.params;
  const field = (name: string): string => nstring(headerValues(part.header, name)[0] ?? null);
  const encoding = nstring((headerValues(part.header, 'Content-Transfer-Encoding')[0] ?? '7bit').toLowerCase());
  const base = `${nstring(type)} ${nstring(subtype)} ${paramsText(params)} ${field('Content-ID')} ${field('Content-Description')} ${encoding} ${part.body.length}`;
  const nested = part.message ? ` ${envelopeText(part.message.header)} ${structureText(part.message, isExtended)}` : '';
  const lines = type === 'text' || part.message ? ` ${lineCount(part.body)}` : '';
  return `(${base}${nested}${lines}${isExtended ? ` NIL ${dispositionText(part.header)} NIL NIL` : ''})`;
}
