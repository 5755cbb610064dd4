import type { ConnectionOptions } from 'node:tls';
import {
  Client,
  FilterParser,
  InvalidCredentialsError,
  MessageResponseStatus,
  NoSuchObjectError,
  PagedResultsControl,
  ResultCodeError,
  SearchRequest,
  StatusCodeParser,
  type SearchResponse,
} from 'ldapts';
import { tlsOptions } from '../../engine/core/tls-options.ts';
import { MailError } from '../../../shared/errors.ts';
import type { DirectoryConfig } from '../rollout-config.ts';
import { AdminError } from '../admin-error.ts';

/** One entry: its name, and the attributes that were asked for, by lower-case name. */
export interface Entry {
  readonly dn: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export interface Question {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: string;
  readonly attributes: readonly string[];
}

/** Where a directory is read from. Every answer is whole: what is refused, cut off or limited throws and is never "empty". */
export interface DirectorySource {
  /** @throws AdminError directory-incomplete, directory-refused, base-missing */
  search(question: Question): Promise<Entry[]>;
  /** Servers that the answers so far pointed to and that were not asked. */
  readonly referrals: number;
  close(): Promise<void>;
}

/**
 * The library ends at a page without entries even when a cookie says that more follow (RFC 2696 3), connects anew without
 * logging in, and takes a size limit for success. Pages are therefore asked for one by one, below its search().
 */
interface Wire {
  _send(message: SearchRequest): Promise<SearchResponse>;
  _nextMessageId(): number;
}

const TIMEOUT_MS = 60_000;
const CONNECT_MS = 15_000;
/** More pages than this without an end is a server that never ends. */
const MAX_PAGES = 100_000;
/** Values that are no text, given as lower-case hexadecimal. */
const BINARY = ['objectGUID', 'invocationId'];
const NETWORK =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|Connection timeout|socket|Connection closed/iu;

/** Trusts the machine's authorities and the company's own; TLS 1.2 at least. @throws AdminError config-invalid */
function tlsOf({ url, caFile }: DirectoryConfig): ConnectionOptions {
  try {
    return { host: new URL(url).hostname, ...tlsOptions({ caFile }) };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    throw new AdminError('config-invalid', `directory.caFile: ${caFile}: ${error.detail}`, error);
  }
}

const textOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return [code, message].filter((one) => one !== undefined && one !== '').join(' ');
};

function connectError(error: unknown, url: string): AdminError {
  if (error instanceof AdminError) return error;
  if (error instanceof InvalidCredentialsError) return new AdminError('directory-login-refused', url, error);
  const text = textOf(error);
  const code =
    error instanceof ResultCodeError ? 'directory-refused' : NETWORK.test(text) ? 'directory-unreachable' : 'directory-untrusted';
  return new AdminError(code, `${url} (${text.split('\n')[0] ?? ''})`, error);
}

/** Connects, protects the connection before anything is said, logs in. @throws AdminError */
export async function openDirectory(config: DirectoryConfig, secret: string): Promise<DirectorySource> {
  const tls = tlsOf(config);
  const isTls = config.security === 'tls';
  const client = new Client({ url: config.url, timeout: TIMEOUT_MS, connectTimeout: CONNECT_MS, ...(isTls ? { tlsOptions: tls } : {}) });
  try {
    if (config.security === 'starttls') await client.startTLS(tls);
    await client.bind(config.bindDn, secret);
  } catch (error) {
    await client.unbind().catch(() => undefined);
    throw connectError(error, config.url);
  }
  return new LdapSource(client, config.pageSize);
}

class LdapSource implements DirectorySource {
  readonly #client: Client;
  readonly #wire: Wire;
  readonly #pageSize: number;
  referrals = 0;

  constructor(client: Client, pageSize: number) {
    this.#client = client;
    this.#wire = client as unknown as Wire;
    this.#pageSize = pageSize;
  }

  async search({ base, scope, filter, attributes }: Question): Promise<Entry[]> {
    const found: Entry[] = [];
    const parsed = parseFilter(filter);
    let cookie: Buffer | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const control = new PagedResultsControl({ value: { size: this.#pageSize, ...(cookie ? { cookie } : {}) } });
      const request = new SearchRequest({
        ...{ messageId: this.#wire._nextMessageId(), baseDN: base, scope, filter: parsed, attributes: [...attributes] },
        // No limit of ours: one that is met would cut the answer off.
        ...{ sizeLimit: 0, timeLimit: 0, explicitBufferAttributes: BINARY, controls: scope === 'base' ? [] : [control] },
      });
      const answer = await this.#ask(request, base);
      this.referrals += answer.searchReferences.length;
      for (const entry of answer.searchEntries) found.push(entryOf(entry.toObject([...attributes], BINARY)));
      cookie = answer.controls?.find((one) => one instanceof PagedResultsControl)?.value?.cookie;
      if (!cookie || cookie.length === 0) return found;
    }
    throw new AdminError('directory-incomplete', `${base}: the answer has no end`);
  }

  async #ask(request: SearchRequest, base: string): Promise<SearchResponse> {
    let answer: SearchResponse;
    try {
      answer = await this.#wire._send(request);
    } catch (error) {
      throw new AdminError('directory-incomplete', `${base} (${textOf(error).split('\n')[0] ?? ''})`, error);
    }
    if (answer.status === MessageResponseStatus.Success) return answer;
    const error = StatusCodeParser.parse(answer);
    if (error instanceof NoSuchObjectError) throw new AdminError('base-missing', base, error);
    const isLimit = [3, 4, 11].includes(error.code);
    throw new AdminError(isLimit ? 'directory-incomplete' : 'directory-refused', `${base} (${error.name})`, error);
  }

  async close(): Promise<void> {
    await this.#client.unbind().catch(() => undefined);
  }
}

/** @throws AdminError config-invalid */
export function parseFilter(filter: string): ReturnType<typeof FilterParser.parseString> {
  try {
    return FilterParser.parseString(filter);
  } catch (error) {
    throw new AdminError('config-invalid', `not a filter: ${filter}`, error);
  }
}

function entryOf({ dn, ...attributes }: Record<string, unknown> & { dn: string }): Entry {
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(attributes)) {
    const list = (Array.isArray(value) ? value : [value]) as (string | Buffer)[];
    values.set(
      name.toLowerCase(),
      list.map((one) => (Buffer.isBuffer(one) ? one.toString('hex') : one)),
    );
  }
  return { dn, values };
}

/** The first value of an attribute, or null. */
export const valueOf = ({ values }: Entry, name: string): string | null => values.get(name.toLowerCase())?.[0] ?? null;
/** All values of an attribute. */
export const valuesOf = ({ values }: Entry, name: string): readonly string[] => values.get(name.toLowerCase()) ?? [];
