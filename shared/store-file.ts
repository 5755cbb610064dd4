/** Name of the store of mirrored mail in its profile folder. */
export const STORE_FILE = 'mail.db';
/** Name of the store of mail being written or sent: a file of its own, so that damage of the other never touches it. */
export const OUTBOX_FILE = 'outbox.db';
/** Beside each store: what tells its key from any other. */
export const KEY_CHECK_SUFFIX = '.keycheck';
/** How much is nowhere but here, as bare figures: what can still be told of it when the key is lost. */
export const UNSENT_FILE = 'unsent.json';
/** An enrolment file left here is taken by the app that runs on this profile, and erased. */
export const DROP_FILE = 'enrolment.json';
