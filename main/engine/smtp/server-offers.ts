import type { Reply } from './reply.ts';

/** What a server's answer to EHLO offers, as far as a submission needs it. */
export interface ServerOffers {
  /** RFC 1870; null where the server states no limit. */
  readonly maxSizeBytes: number | null;
  readonly takesSize: boolean;
  readonly takes8Bit: boolean;
  readonly takesUtf8: boolean;
}

/** Reads the keywords of an answer to EHLO; the first line is the greeting. */
export function offersOf(ehlo: Reply): ServerOffers {
  const keywords = new Map(
    ehlo.lines.slice(1).map((line) => {
      const [keyword = '', ...params] = line.trim().split(/\s+/);
      return [keyword.toUpperCase(), params];
    }),
  );
  const limit = /^\d{1,15}$/.test(keywords.get('SIZE')?.[0] ?? '') ? Number(keywords.get('SIZE')?.[0]) : 0;
  return {
    maxSizeBytes: limit > 0 ? limit : null,
    takesSize: keywords.has('SIZE'),
    takes8Bit: keywords.has('8BITMIME'),
    takesUtf8: keywords.has('SMTPUTF8'),
  };
}
