import { domainToASCII } from 'node:url';

/** An address as it goes on the wire. */
export interface WireAddress {
  /** Domain in ASCII (RFC 5891), lower case; the local part as it was written. */
  readonly address: string;
  readonly domain: string;
  /** The local part is not ASCII: only servers with SMTPUTF8 (RFC 6531) take it. */
  readonly needsSmtpUtf8: boolean;
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\p{L}\\p{N}\\p{M}-]+";
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
/** RFC 5321 4.1.2, without the controls that RFC 5322 allows in obsolete mail. */
const QUOTED = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/;
const DOMAIN_CHARS = /^[\p{L}\p{N}\p{M}.\u3002-]+$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LITERAL = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-f:.]{2,45})\]$/i;
/** RFC 5321 4.5.3.1. */
const MAX_LOCAL_BYTES = 64;
const MAX_DOMAIN_CHARS = 253;
const MAX_ADDRESS_CHARS = 320;

/** Reads an addr-spec (RFC 5322 3.4.1), international ones included; null when it is none. */
export function wireAddress(text: string): WireAddress | null {
  const trimmed = text.trim();
  if (trimmed.length > MAX_ADDRESS_CHARS) return null;
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, at).normalize('NFC');
  if (at < 1 || Buffer.byteLength(local) > MAX_LOCAL_BYTES || !(DOT_ATOM.test(local) || QUOTED.test(local))) return null;
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === null) return null;
  return { address: `${local}@${domain}`, domain, needsSmtpUtf8: /[^\x20-\x7e]/.test(local) };
}

function asciiDomain(text: string): string | null {
  if (LITERAL.test(text)) return text.toLowerCase();
  if (!DOMAIN_CHARS.test(text)) return null;
  const labels = domainToASCII(text).split('.');
  const isDomain = labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1)!);
  const domain = labels.join('.');
  return isDomain && domain.length <= MAX_DOMAIN_CHARS ? domain : null;
}
