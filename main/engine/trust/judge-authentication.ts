import { baseDomain, plainHost } from '../../../shared/trust/base-domain.ts';
import { parseAuthenticationResults, type AuthResult } from './authentication-results.ts';
import type { HeadField } from './head-fields.ts';

/** `silent`: there is nobody whose word would count. `missing`: nothing that was checked speaks for the sender's domain. */
export type AuthVerdict = 'silent' | 'passed' | 'failed' | 'missing';

const PRIVATE_ADDRESS = /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/iu;
const ADDRESS_LITERAL = /\[(?:IPv6:)?(?<address>[0-9a-f:.]{2,45})\]|(?<![\w.:-])(?<bare>\d{1,3}(?:\.\d{1,3}){3})(?![\w.:-])/giu;
const FAILED = new Set(['fail', 'permerror', 'hardfail', 'policy']);

/**
 * What the person's own servers say of the sender. Only fields of `trusted` servers count, and only those that stand above the hop by
 * which the mail came in from outside: everything from there on down is as the sender made it. Pure.
 */
export function judgeAuthentication(fields: readonly HeadField[], trusted: readonly string[], fromDomain: string): AuthVerdict {
  if (trusted.length === 0) return 'silent';
  const ids = new Set(trusted.map(plainHost));
  const results = ownFields(fields, ids)
    .map(({ body }) => parseAuthenticationResults(body))
    .filter((one) => one !== null && ids.has(plainHost(one.authservId)))
    .flatMap((one) => one?.results ?? []);
  return verdictOf(results, fromDomain);
}

/** Authentication-Results above the hop from outside. */
function ownFields(fields: readonly HeadField[], ids: ReadonlySet<string>): HeadField[] {
  const found: HeadField[] = [];
  for (const field of fields) {
    if (field.name === 'authentication-results') found.push(field);
    if (field.name === 'received' && !isWithin(field.body, ids)) break;
  }
  return found;
}

/**
 * A hop from one of our servers to another: received by a host of a trusted server's domain, from nothing but private addresses, or by
 * local delivery without any. What a client calls itself does not count; the address it came from does.
 */
function isWithin(received: string, ids: ReadonlySet<string>): boolean {
  const by = /(?:^|\s)by\s+(?<host>[\w.-]+)/iu.exec(received)?.groups?.['host'];
  if (by === undefined) return false;
  const isOwn = [...ids].some((id) => baseDomain(id) === baseDomain(by)) || plainHost(by) === 'localhost';
  if (!isOwn) return false;
  const from = received.slice(0, received.search(/(?:^|\s)by\s/iu));
  const addresses = [...from.matchAll(ADDRESS_LITERAL)].map(({ groups }) => groups?.['address'] ?? groups?.['bare'] ?? '');
  if (addresses.length > 0) return addresses.every((one) => PRIVATE_ADDRESS.test(one));
  return !/^\s*from\s/iu.test(from) || /\swith\s+(?:LMTPS?A?|local)\b/iu.test(received);
}

function verdictOf(results: readonly AuthResult[], fromDomain: string): AuthVerdict {
  const of = (method: string): AuthResult[] => results.filter((one) => one.method === method);
  const dmarc = of('dmarc');
  // One that failed is not outweighed by another that passed: two of them are one too many.
  if (dmarc.some(({ result }) => FAILED.has(result))) return 'failed';
  if (dmarc.some(({ result, properties }) => result === 'pass' && isFor(properties.get('header.from') ?? fromDomain, fromDomain)))
    return 'passed';
  const dkim = of('dkim');
  const spf = of('spf');
  const isSigned = dkim.some(
    ({ result, properties }) => result === 'pass' && isFor(properties.get('header.d') ?? properties.get('header.i') ?? '', fromDomain),
  );
  const isSentByOwn = spf.some(({ result, properties }) => result === 'pass' && isFor(properties.get('smtp.mailfrom') ?? '', fromDomain));
  if (isSigned || isSentByOwn) return 'passed';
  const isRefused = dkim.some(({ result }) => FAILED.has(result)) || spf.some(({ result }) => FAILED.has(result) || result === 'softfail');
  return isRefused ? 'failed' : 'missing';
}

function isFor(value: string, fromDomain: string): boolean {
  const domain = plainHost(value.slice(value.lastIndexOf('@') + 1));
  return domain !== '' && fromDomain !== '' && baseDomain(domain) === baseDomain(fromDomain);
}
