const LABELS = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** True for a plain DNS host name (RFC 1123), which is all that foreign sources may name. */
export function isHostName(text: string): boolean {
  return LABELS.test(text);
}
