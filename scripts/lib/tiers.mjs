/**
 * The tiers of the tests, in the order in which they run: quick ones first. `session` tiers run in a session with a virtual
 * display and a keyring of its own.
 * @type {readonly { name: string, what: string, session: boolean }[]}
 */
export const tiers = [
  { name: 'unit', what: 'pure modules and the import law', session: false },
  { name: 'engine', what: 'real store, scripted servers', session: false },
  { name: 'live', what: 'real Dovecot and Postfix', session: false },
  { name: 'crash', what: 'kill -9 at every answer and commit', session: false },
  { name: 'bars', what: 'systematic tiers', session: false },
  { name: 'app', what: 'real Electron', session: true },
];

/** Debian packages the tiers need beside those of the build. */
export const tierPackages = ['electron', 'display', 'keyring', 'dovecot', 'postfix', 'mbsync'];
