/** Known peculiarities of servers that the gateway works around: who, what, and where it is written down. */

/**
 * Too many connections at once is told in words by most servers, as BYE or NO without response code.
 * Dovecot: "Maximum number of connections from user+IP exceeded"; Gmail: "Too many simultaneous connections"; Courier,
 * Cyrus: "Too many (open) connections"; Yahoo: "[LIMIT] ... rate limit". RFC 5530 has LIMIT and INUSE for it.
 */
export const tooManyConnections =
  /\[(LIMIT|INUSE)\]|too many|maximum (?:number of )?connections|connection limit|simultaneous connections|rate limit/i;

/**
 * A log-in refused because the server's own back end is down must not look like a wrong password.
 * Dovecot: "NO [UNAVAILABLE] Temporary authentication failure"; Exchange Online: "User is authenticated but not connected".
 */
export const temporaryLoginFailure =
  /\[(UNAVAILABLE|SERVERBUG|INUSE|LIMIT)\]|temporar|try again|server (?:is )?(?:busy|unavailable)|not connected/i;

/** Item that gives a message's lasting id: EMAILID (RFC 8474), or Gmail's own from before it. */
export function emailIdItem(capabilities: ReadonlyMap<string, unknown>): string | null {
  if (capabilities.has('OBJECTID')) return 'EMAILID';
  return capabilities.has('X-GM-EXT-1') ? 'X-GM-MSGID' : null;
}
