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
 * Dovecot: "NO [UNAVAILABLE] Temporary authentication failure"; Exchange Online: "User is authenticated but not connected"; Gmail, for up to
 * a day: "NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", the code being OVERQUOTA or THROTTLED at times.
 */
export const temporaryLoginFailure =
  /\[(UNAVAILABLE|SERVERBUG|INUSE|LIMIT|OVERQUOTA|THROTTLED)\]|bandwidth limit|temporar|try again|server (?:is )?(?:busy|unavailable)|not connected/i;

/** Gmail's words for an account that has had as much of the server as it may have for a while. */
const limitsOfUse = /bandwidth limit/i;

/** Commands that change a mailbox: those can find it full, which concerns them alone (RFC 5530 3, RFC 9208 4.3.1). */
const CHANGING = /^(?:APPEND|(?:UID )?(?:COPY|MOVE|STORE|EXPUNGE)|CLOSE|CREATE|DELETE|RENAME|SUBSCRIBE|UNSUBSCRIBE)$/;

/**
 * Whether the server answers nothing for a while, because the account has had as much of it as it may ("NO [OVERQUOTA] Account exceeded
 * command or bandwidth limits", Gmail): no more is to be asked on this connection, and nothing is wrong with what was asked for.
 * @param line the tagged line, whose words tell a limit of use from a full mailbox
 */
export function isRationed(command: string, { status, code }: { readonly status: string; readonly code: string }, line: string): boolean {
  if (status === 'OK') return false;
  return code === 'THROTTLED' || limitsOfUse.test(line) || (code === 'OVERQUOTA' && !CHANGING.test(command));
}

/** Item that gives a message's lasting id: EMAILID (RFC 8474), or Gmail's own from before it. */
export function emailIdItem(capabilities: ReadonlyMap<string, unknown>): string | null {
  if (capabilities.has('OBJECTID')) return 'EMAILID';
  return capabilities.has('X-GM-EXT-1') ? 'X-GM-MSGID' : null;
}
