/** Whether this is the name of the INBOX, which is the same however it is written (RFC 9051 5.1). Pure. */
export const isInboxName = (path: string): boolean => path.toUpperCase() === 'INBOX';
