/** A header field with its name in lower case; `raw` holds name, colon and body with folding, without the last line end. */
export interface Field {
  readonly name: string;
  readonly raw: Buffer;
}

/** `lines` stands for 7bit, 8bit and whatever is unknown: text lines (RFC 2045, 2.7 and 2.8); only `binary` is not made of lines. */
export type TransferEncoding = 'base64' | 'quoted-printable' | 'uuencode' | 'lines' | 'binary';

/** A node of the MIME structure as we read it, which is what mailparser is then given. */
export interface Part {
  readonly ordinal: number;
  readonly depth: number;
  readonly parent: Part | null;
  readonly fields: readonly Field[];
  /** Effective media type, lower case. */
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  /** RFC 2231 parameters, see Structured.decoded; of Content-Disposition for `filename`, of Content-Type for `name`. */
  readonly disposition: string;
  readonly dispositionParams: ReadonlyMap<string, string>;
  readonly encoding: TransferEncoding;
  /** container: multipart with a boundary; text: shown; attachment: every other leaf. */
  readonly role: 'container' | 'text' | 'attachment';
}

/** Body of a field: everything behind the colon, unfolded, white space at the ends trimmed. Bytes are read by `decode`. */
export function fieldBody(field: Field, decode: (bytes: Buffer) => string): string {
  const colon = field.raw.indexOf(58);
  return decode(field.raw.subarray(colon + 1))
    .replace(/\r?\n(?=[ \t])/g, '')
    .replace(/[\r\n\0]+/g, ' ')
    .trim();
}
