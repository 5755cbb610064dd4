import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { BerReader, BerWriter } from 'ldapts';

export type AdEntry = Record<string, readonly (string | Buffer)[]>;

/** A search as it came in. */
export interface AdQuestion {
  readonly base: string;
  readonly isBase: boolean;
  readonly filter: string;
  readonly attributes: readonly string[];
}

const IN_CHAIN = '1.2.840.113556.1.4.1941';
const SETTINGS = 'CN=NTDS Settings,CN=DC1,CN=Servers,CN=Configuration';
const [BIND, BIND_DONE, UNBIND, SEARCH, ENTRY, SEARCH_DONE] = [0x60, 0x61, 0x42, 0x63, 0x64, 0x65];
const NO_SUCH_OBJECT = 32;

/** As much of an Active Directory as the enrolment asks: one domain controller over LDAP, with GUIDs and USNs as bytes and numbers of its own. */
export class ActiveDirectory {
  readonly entries = new Map<string, AdEntry>();
  readonly questions: AdQuestion[] = [];
  /** Of this domain controller, 16 bytes. */
  invocationId = Buffer.alloc(16, 1);
  /** Whether the account may read where the domain controller's settings are. */
  tellsService = true;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ActiveDirectory> {
    const server = createServer((socket) => directory.#serve(socket));
    const directory = new ActiveDirectory(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return directory;
  }

  get url(): string {
    return `ldap://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      for (;;) {
        const reader = new BerReader(waiting);
        if (waiting.length < 2 || reader.readSequence() === null || reader.remain < reader.length) return;
        const end = reader.offset + reader.length;
        this.#answer(socket, new BerReader(waiting.subarray(0, end)));
        waiting = waiting.subarray(end);
      }
    });
  }

  #answer(socket: Socket, reader: BerReader): void {
    reader.readSequence();
    const id = reader.readInt()!;
    const operation = reader.peek();
    if (operation === UNBIND) return void socket.end();
    if (operation === BIND) return void socket.write(done(id, BIND_DONE, 0));
    if (operation !== SEARCH) throw new Error(`no answer to ${operation}`);
    reader.readSequence(SEARCH);
    const base = reader.readString()!;
    const isBase = reader.readEnumeration() === 0;
    reader.readEnumeration();
    reader.readInt();
    reader.readInt();
    reader.readBoolean();
    const filter = readFilter(reader);
    reader.readSequence();
    const attributes: string[] = [];
    for (const end = reader.offset + reader.length; reader.offset < end;) attributes.push(reader.readString()!);
    this.questions.push({ base, isBase, filter: textOf(filter), attributes });
    const found = this.#find(base, isBase);
    if (found === null) return void socket.write(done(id, SEARCH_DONE, NO_SUCH_OBJECT));
    for (const [dn, entry] of found) if (this.#matches(entry, filter)) socket.write(entryOf(id, dn, entry, attributes));
    socket.write(done(id, SEARCH_DONE, 0));
  }

  #find(base: string, isBase: boolean): [string, AdEntry][] | null {
    const service = this.tellsService ? { dsServiceName: [SETTINGS] } : {};
    if (base === '') return [['', { objectClass: ['top'], supportedCapabilities: ['1.2.840.113556.1.4.800'], ...service }]];
    if (base === SETTINGS) return [[SETTINGS, { objectClass: ['nTDSDSA'], invocationId: [this.invocationId] }]];
    const all = [...this.entries];
    if (!isBase) return all.filter(([dn]) => dn === base || dn.endsWith(`,${base}`));
    const entry = this.entries.get(base);
    return entry ? [[base, entry]] : null;
  }

  #matches(entry: AdEntry, { kind, attribute, value, inner }: Filter): boolean {
    if (kind === 'and') return inner.every((one) => this.#matches(entry, one));
    if (kind === 'or') return inner.some((one) => this.#matches(entry, one));
    if (kind === 'present') return attribute in entry || attribute === 'objectClass';
    if (kind === 'equal') return (entry[attribute] ?? []).includes(value);
    return this.#isIn(entry, value);
  }

  /** Up from group to group. */
  #isIn(entry: AdEntry, group: string): boolean {
    return (entry['memberOf'] ?? []).some((dn) => dn === group || this.#isIn(this.entries.get(String(dn)) ?? {}, group));
  }
}

interface Filter {
  readonly kind: 'and' | 'or' | 'present' | 'equal' | 'in-chain';
  readonly attribute: string;
  readonly value: string;
  readonly inner: readonly Filter[];
}

const plain = { attribute: '', value: '', inner: [] };

/** Of RFC 4511 4.5.1.7 what the enrolment uses; ldapts' own parser is made for other ends. */
function readFilter(reader: BerReader): Filter {
  const tag = reader.peek();
  if (tag === 0x87) return { ...plain, kind: 'present', attribute: reader.readString(0x87)! };
  reader.readSequence();
  const end = reader.offset + reader.length;
  if (tag === 0xa3) return { ...plain, kind: 'equal', attribute: reader.readString()!, value: reader.readString()! };
  if (tag === 0xa0 || tag === 0xa1) {
    const inner: Filter[] = [];
    while (reader.offset < end) inner.push(readFilter(reader));
    return { ...plain, kind: tag === 0xa0 ? 'and' : 'or', inner };
  }
  const rule = tag === 0xa9 ? reader.readString(0x81) : null;
  if (rule !== IN_CHAIN) throw new Error(`a filter that is not understood: ${tag} ${rule}`);
  const [attribute, value] = [reader.readString(0x82)!, reader.readString(0x83)!];
  reader.offset = end;
  return { ...plain, kind: 'in-chain', attribute, value };
}

function textOf({ kind, attribute, value, inner }: Filter): string {
  if (kind === 'and' || kind === 'or') return `(${kind === 'and' ? '&' : '|'}${inner.map(textOf).join('')})`;
  return `(${attribute}${kind === 'in-chain' ? `:${IN_CHAIN}:` : ''}=${kind === 'present' ? '*' : value})`;
}

function message(id: number, tag: number, content: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  content(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

const done = (id: number, tag: number, code: number): Buffer =>
  message(id, tag, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
  });

const entryOf = (id: number, dn: string, entry: AdEntry, attributes: readonly string[]): Buffer =>
  message(id, ENTRY, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const name of attributes.filter((one) => one in entry)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of entry[name]!) writer.writeBuffer(Buffer.from(value as string), 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
