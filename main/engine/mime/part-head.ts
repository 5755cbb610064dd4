import { parseStructured, type Structured } from './params.ts';
import { fieldBody, type Field, type Part, type TransferEncoding } from './part.ts';

const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;
/** Older than MIME, and sent in it under several names. */
const UUENCODE = /^(?:x-)?uu(?:e|encode)$/;
const TEXT_TYPES = new Set(['text/plain', 'text/html', 'message/delivery-status']);
const NOTHING: Structured = { value: '', params: new Map(), decoded: new Set() };

const utf8 = (bytes: Buffer): string => bytes.toString('utf8');

/** Where a part stands. */
export interface PartPlace {
  readonly ordinal: number;
  readonly parent: Part | null;
  /** A multipart may open here. */
  readonly canNest: boolean;
  /** A text to show came before. */
  readonly isAfterText: boolean;
}

/** Decides what a part is from its header fields, in one way for every later step. */
export function readPartHead(fields: readonly Field[], place: PartPlace): Part {
  const { ordinal, parent, canNest } = place;
  const contentType = structured(fields, 'content-type');
  const disposition = structured(fields, 'content-disposition');
  const type = effectiveType(contentType, parent, canNest);
  return {
    ordinal,
    depth: parent ? parent.depth + 1 : 0,
    parent,
    fields,
    type,
    params: contentType.params,
    disposition: disposition.value,
    dispositionParams: disposition.params,
    encoding: transferEncoding(fields),
    role: roleOf(type, contentType, disposition, place),
  };
}

function structured(fields: readonly Field[], name: string): Structured {
  const field = fields.find((one) => one.name === name);
  return field ? parseStructured(fieldBody(field, utf8)) : NOTHING;
}

/** A type that cannot be read is text (RFC 2045, 5.2); in a digest it is a message (RFC 2046, 5.1.5). */
function effectiveType({ value }: Structured, parent: Part | null, canNest: boolean): string {
  if (value === '') return parent?.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  if (!MEDIA_TYPE.test(value)) return value.startsWith('text') || !value.includes('/') ? 'text/plain' : 'application/octet-stream';
  if (!value.startsWith('multipart/')) return value;
  // One nested too deep is kept as a whole.
  return canNest ? value : 'application/octet-stream';
}

/** Boundary of a multipart (RFC 2046, 5.1.1), white space at its end not being part of it; '' where none is named. */
export function boundaryOf(params: ReadonlyMap<string, string>): string {
  return (params.get('boundary') ?? '').trimEnd();
}

/** Text with a file name, behind the text of the mail, is an attached file, whatever its disposition says. */
function roleOf(type: string, contentType: Structured, disposition: Structured, place: PartPlace): Part['role'] {
  if (type.startsWith('multipart/')) return 'container';
  if (!TEXT_TYPES.has(type) || (disposition.value !== '' && disposition.value !== 'inline')) return 'attachment';
  const isNamed = disposition.params.has('filename') || contentType.params.has('name');
  return isNamed && place.isAfterText && place.parent?.type !== 'multipart/alternative' ? 'attachment' : 'text';
}

function transferEncoding(fields: readonly Field[]): TransferEncoding {
  const { value } = structured(fields, 'content-transfer-encoding');
  const word = /[a-z0-9-]+/.exec(value)?.[0] ?? '';
  if (UUENCODE.test(word)) return 'uuencode';
  return word === 'base64' || word === 'quoted-printable' || word === 'binary' ? word : 'lines';
}
