import { limits } from '../../../../shared/limits.ts';
import { decodeBytes } from '../../mime/charset.ts';
import { ByteReader, EndOfBytes } from './byte-reader.ts';
import { expandRtf } from './compressed-rtf.ts';
import { propertyType, readProperties, type MapiValue } from './mapi-properties.ts';
import { readRtf, type RtfContent } from './read-rtf.ts';

/** A file in a winmail.dat. Names are as given: unsafe until cleaned. */
export interface TnefFile {
  readonly name: string;
  readonly mimeType: string;
  readonly contentId: string;
  readonly content: Buffer;
}

/** What a winmail.dat holds that a person can use. */
export interface TnefContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly files: readonly TnefFile[];
  /** Something in it could not be read, or there was more than is read. */
  readonly isCut: boolean;
}

const SIGNATURE = 0x223e9f78;
/** MS-OXTNEF 2.1.3.1: type and name of the attributes that are used. */
const attribute = {
  subject: 0x00018004,
  body: 0x0002800c,
  attachData: 0x0006800f,
  attachTitle: 0x00018010,
  attachBegin: 0x00069002,
  mapiProps: 0x00069003,
  attachProps: 0x00069005,
  codePage: 0x00069007,
} as const;
/** MS-OXPROPS. */
const property = {
  subject: 0x0037,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  data: 0x3701,
  fileName: 0x3704,
  longFileName: 0x3707,
  mimeTag: 0x370e,
  contentId: 0x3712,
} as const;
/** An object begins with the id of its interface; a mail inside (IID_IMessage) goes on as a TNEF stream of its own. */
const INTERFACE_BYTES = 16;
const MESSAGE_INTERFACE = Buffer.from('0703020000000000c000000000000046', 'hex');
const INNER_TYPE = 'application/ms-tnef';

interface OpenFile {
  title: string;
  data: Buffer | null;
  values: Map<number, MapiValue>;
}

/** Reads the TNEF format (MS-OXTNEF) as far as it is sound; null for anything else. Formatted text (RTF) is read where its text is all there is, or HTML lies in it. */
export function readTnef(bytes: Buffer): TnefContent | null {
  const reader = new ByteReader(bytes);
  if (bytes.length < 6 || reader.u32() !== SIGNATURE) return null;
  reader.u16();
  const stream = new TnefStream();
  try {
    for (let n = 0; reader.left > 0 && !stream.isFull; n += 1) {
      if (n >= limits.maxTnefRecords) stream.isCut = true;
      if (stream.isCut) break;
      reader.u8();
      const id = reader.u32();
      stream.attribute(id, reader.take(reader.u32()));
      // A sum over the bytes follows. It protects nothing, and real files have wrong ones.
      reader.u16();
    }
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    stream.isCut = true;
  }
  return stream.content();
}

class TnefStream {
  isCut = false;
  #charset = 'windows-1252';
  #subject: Buffer | null = null;
  #body: Buffer | null = null;
  #values = new Map<number, MapiValue>();
  readonly #files: OpenFile[] = [];

  get isFull(): boolean {
    return this.#files.length > limits.maxTnefFiles;
  }

  attribute(id: number, data: Buffer): void {
    const file = this.#files.at(-1);
    if (id === attribute.attachBegin) this.#files.push({ title: '', data: null, values: new Map() });
    else if (id === attribute.codePage && data.length >= 4) this.#charset = charsetOf(data.readUInt32LE());
    else if (id === attribute.subject) this.#subject = data;
    else if (id === attribute.body) this.#body = data;
    else if (id === attribute.mapiProps) this.#values = this.#properties(data);
    else if (file && id === attribute.attachTitle) file.title = this.#string8(data);
    else if (file && id === attribute.attachData) file.data = data;
    else if (file && id === attribute.attachProps) file.values = this.#properties(data);
  }

  content(): TnefContent {
    if (this.isFull) this.isCut = true;
    const files = this.#files.slice(0, limits.maxTnefFiles).flatMap((one) => this.#fileOf(one) ?? []);
    const text = this.#text(property.body, this.#values) || (this.#body ? this.#string8(this.#body) : '');
    const html = this.#html();
    const formatted = html.trim() === '' ? this.#formatted() : null;
    return {
      subject: this.#text(property.subject, this.#values) || (this.#subject ? this.#string8(this.#subject) : ''),
      text: text.trim() === '' ? (formatted?.text ?? text) : text,
      html: formatted?.html ?? html,
      files,
      isCut: this.isCut,
    };
  }

  #html(): string {
    const value = this.#values.get(property.html);
    return value?.type === propertyType.binary ? this.#string8(value.bytes) : this.#text(property.html, this.#values);
  }

  #formatted(): RtfContent | null {
    const value = this.#values.get(property.rtf);
    const expanded = value?.type === propertyType.binary ? expandRtf(value.bytes) : null;
    if (expanded?.isCut) this.isCut = true;
    return expanded && readRtf(expanded.rtf);
  }

  #properties(data: Buffer): Map<number, MapiValue> {
    const { values, isWhole } = readProperties(data);
    if (!isWhole) this.isCut = true;
    return values;
  }

  #fileOf({ title, data, values }: OpenFile): TnefFile | null {
    const name = this.#text(property.longFileName, values) || title || this.#text(property.fileName, values);
    const object = values.get(property.data);
    if (object?.type === propertyType.object && object.bytes.subarray(0, INTERFACE_BYTES).equals(MESSAGE_INTERFACE)) {
      const shown = this.#text(property.displayName, values) || name || 'message';
      return { name: `${shown}.dat`, mimeType: INNER_TYPE, contentId: '', content: object.bytes.subarray(INTERFACE_BYTES) };
    }
    const content = object?.type === propertyType.binary ? object.bytes : data;
    if (content === null) return null;
    const mimeType = this.#text(property.mimeTag, values).toLowerCase();
    return { name, mimeType, contentId: this.#text(property.contentId, values), content };
  }

  #text(id: number, values: ReadonlyMap<number, MapiValue>): string {
    const value = values.get(id);
    if (value?.type === propertyType.unicode) return value.bytes.toString('utf16le').replace(/\0.*$/su, '');
    return value?.type === propertyType.string8 ? this.#string8(value.bytes) : '';
  }

  /** Ends at its NUL. */
  #string8(bytes: Buffer): string {
    const end = bytes.indexOf(0);
    return decodeBytes(end < 0 ? bytes : bytes.subarray(0, end), this.#charset);
  }
}

function charsetOf(codePage: number): string {
  if (codePage === 65001) return 'utf-8';
  if (codePage === 932) return 'shift_jis';
  if (codePage === 936) return 'gbk';
  if (codePage === 949) return 'euc-kr';
  if (codePage === 950) return 'big5';
  return codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : codePage === 20127 ? 'utf-8' : 'windows-1252';
}
