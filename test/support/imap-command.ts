/** Commands that change something on a server, or can (CLOSE expunges what is flagged deleted). */
const MUTATING = new Set([
  'STORE',
  'UID STORE',
  'COPY',
  'UID COPY',
  'MOVE',
  'UID MOVE',
  'APPEND',
  'REPLACE',
  'UID REPLACE',
  'EXPUNGE',
  'UID EXPUNGE',
  'CLOSE',
  'CREATE',
  'DELETE',
  'RENAME',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'SETMETADATA',
  'SETACL',
  'DELETEACL',
  'SETQUOTA',
]);

// BODY[...] without PEEK, RFC822 and RFC822.TEXT set \Seen.
const MARKS_SEEN = /\b(?:BODY\[|BINARY\[|RFC822(?:\.TEXT)?(?=[ )]|$))/i;

/** True for a command that could change a mailbox, FETCH without PEEK included. `text` is the line after the tag. */
export function isMutating(name: string, text: string): boolean {
  return MUTATING.has(name) || (/^(UID )?FETCH$/.test(name) && MARKS_SEEN.test(text));
}

/** Tag and name of a command line: `UID` counts as a part of the name. Null for what is no command (DONE, a continuation). */
export function commandHead(line: string): { tag: string; name: string; args: string } | null {
  const match = /^([^\s(){%*"\\+]+) +((?:UID +)?[A-Za-z][A-Za-z0-9.-]*)(?: +(.*))?$/is.exec(line);
  if (!match) return null;
  const name = (match[2] as string).toUpperCase().replace(/ +/, ' ');
  return { tag: match[1] as string, name, args: match[3] ?? '' };
}
