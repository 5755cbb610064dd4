/** Name of the store in its profile folder. */
export const STORE_FILE = 'mail.db';
