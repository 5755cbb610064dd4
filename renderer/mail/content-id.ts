/** The id that a `cid:` address names (RFC 2392). */
export function decodeContentId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded after all: the id is taken as it stands
  }
}
