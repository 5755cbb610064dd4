import type { ImapCaps } from './gateway.ts';

/** Extensions that are part of IMAP4rev2 (RFC 9051, appendix E). */
const PART_OF_REV2 = new Set([
  'ENABLE',
  'IDLE',
  'UIDPLUS',
  'MOVE',
  'ESEARCH',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'SPECIAL-USE',
  'UNSELECT',
  'SASL-IR',
]);

/** By this Gmail tells that its mailboxes are labels. */
const LABELS = 'X-GM-EXT-1';

/** Whether the server offers an extension; one that speaks IMAP4rev2 alone need not name what that contains. */
export function offers(capabilities: ReadonlyMap<string, unknown>, name: string): boolean {
  if (capabilities.has(name)) return true;
  const names = [...capabilities.keys()].map((key) => key.toUpperCase());
  if (names.includes(name)) return true;
  return PART_OF_REV2.has(name) && names.includes('IMAP4REV2') && !names.includes('IMAP4REV1');
}

/** `enabled`: what the server has confirmed to ENABLE. */
export function capsOf(capabilities: ReadonlyMap<string, unknown>, enabled: ReadonlySet<string>): ImapCaps {
  const has = (name: string): boolean => offers(capabilities, name);
  const qresync = enabled.has('QRESYNC');
  return {
    condstore: qresync || enabled.has('CONDSTORE') || has('CONDSTORE') || has('QRESYNC'),
    qresync,
    uidplus: has('UIDPLUS'),
    move: has('MOVE'),
    idle: has('IDLE'),
    notify: has('NOTIFY'),
    specialUse: has('SPECIAL-USE'),
    listStatus: has('LIST-STATUS') && has('LIST-EXTENDED'),
    objectId: has('OBJECTID'),
    esearch: has('ESEARCH'),
    labels: has(LABELS),
  };
}

/**
 * What of a session's extensions still holds once the server has listed what it offers anew. What it offers only now is left to the next
 * session: that one begins with it.
 */
export function capsLeft(caps: ImapCaps, names: readonly string[]): ImapCaps {
  const offered = capsOf(new Map(names.map((name) => [name, true])), new Set(names.filter((name) => ENABLED_ONLY.has(name))));
  const left = Object.entries(caps).map(([name, has]) => [name, has && offered[name as keyof ImapCaps]]);
  return Object.fromEntries(left) as unknown as ImapCaps;
}

/** Counted as offered only where they were enabled. */
const ENABLED_ONLY = new Set(['QRESYNC', 'CONDSTORE']);
