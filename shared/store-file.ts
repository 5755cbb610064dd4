/** Name of the store of mirrored mail in its profile folder. */
export const STORE_FILE = 'mail.db';
/** Name of the store of mail being written or sent: a file of its own, so that damage of the other never touches it. */
export const OUTBOX_FILE = 'outbox.db';
