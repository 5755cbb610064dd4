/**
 * The tiers of the tests, in the order in which they run: quick ones first. `session` tiers run in a session with a
 * keyring of its own and a virtual display for each worker. `projects` are those of vitest.config.ts where there is more than the one of the tier's name.
 * `workers`: files at a time, where they wait more than they work (else as in vitest.config.ts). `beside`: the tiers, one after the
 * other, that it runs next to, where they are run: their results do not depend on time.
 * @type {readonly { name: string, what: string, session: boolean, folders: readonly string[], projects?: readonly string[], workers?: number,
 *   beside?: readonly string[] }[]}
 */
export const tiers = [
  { name: 'unit', what: 'pure modules and the import law', session: false, folders: ['test/unit', 'test/arch'] },
  {
    name: 'crash',
    what: 'kill -9 at every answer and commit, cuts and refusals at every command',
    session: false,
    folders: ['test/crash'],
    workers: 4,
  },
  { name: 'engine', what: 'real store, scripted servers', session: false, folders: ['test/engine'], workers: 5 },
  { name: 'live', what: 'real Dovecot and Postfix', session: false, folders: ['test/live'], workers: 4 },
  {
    name: 'bars',
    what: 'systematic tiers',
    session: false,
    folders: ['test/bars'],
    projects: ['bars-measured', 'bars', 'bars-alone'],
    workers: 3,
  },
  { name: 'app', what: 'real Electron', session: true, folders: ['test/e2e'], workers: 3 },
  {
    name: 'package',
    what: 'the installed package, driven like by a screen reader',
    session: false,
    folders: ['test/package'],
    beside: ['unit', 'crash'],
  },
];

/** Debian packages the tiers need beside those of the build. */
export const tierPackages = ['electron', 'display', 'keyring', 'dovecot', 'postfix', 'ldap', 'mbsync', 'dist', 'desktop'];
