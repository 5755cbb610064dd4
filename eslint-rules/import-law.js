/**
 * Who may import what, as in ARCHITECTURE.md. Layers are tried in order; the first whose pattern fits a file is its layer.
 * `may` lists layers (with `types:` for type-only imports) and packages; anything not listed is an error.
 */
export const law = [
  { layer: 'package', pattern: /^package\.json$/, may: [] },
  { layer: 'shared', pattern: /^shared\//, may: ['shared', 'zod'] },
  { layer: 'core', pattern: /^main\/engine\/core\//, may: ['core', 'shared', 'node:'] },
  {
    layer: 'engine-contract',
    pattern: /^main\/engine\/(deps|secrets)\.ts$/,
    may: ['engine-contract', 'shared', 'core', 'imap', 'smtp', 'ingest'],
  },
  { layer: 'store', pattern: /^main\/engine\/store\//, may: ['store', 'core', 'shared', 'ingest', 'node:', 'better-sqlite3', 'zod'] },
  { layer: 'imap', pattern: /^main\/engine\/imap\//, may: ['imap', 'core', 'shared', 'mime', 'package', 'node:', 'imapflow'] },
  { layer: 'smtp', pattern: /^main\/engine\/smtp\//, may: ['smtp', 'core', 'imap', 'shared', 'node:', 'nodemailer'] },
  {
    layer: 'mime',
    pattern: /^main\/engine\/mime\//,
    may: ['mime', 'core', 'shared', 'ingest', 'node:', 'mailparser', 'postal-mime', 'entities', 'libmime', 'iconv-lite'],
  },
  {
    layer: 'ingest',
    pattern: /^main\/engine\/ingest\//,
    may: ['ingest', 'mime', 'core', 'shared', 'node:', 'mailparser', 'postal-mime', 'entities', 'ical.js', 'windows-iana'],
  },
  {
    layer: 'auth',
    pattern: /^main\/engine\/auth\//,
    may: ['auth', 'core', 'shared', 'imap', 'engine-contract', 'node:', 'zod', 'oauth4webapi'],
  },
  {
    layer: 'enrol',
    pattern: /^main\/engine\/enrol\//,
    may: ['enrol', 'auth', 'core', 'shared', 'imap', 'smtp', 'engine-contract', 'node:', '@rgrove/parse-xml'],
  },
  {
    layer: 'mirror',
    pattern: /^main\/engine\/mirror\//,
    may: ['mirror', 'core', 'shared', 'imap', 'store', 'ingest', 'engine-contract', 'node:'],
  },
  { layer: 'oplog', pattern: /^main\/engine\/oplog\//, may: ['oplog', 'core', 'shared', 'imap', 'store', 'node:'] },
  {
    layer: 'compose',
    pattern: /^main\/engine\/compose\//,
    may: ['compose', 'core', 'shared', 'store', 'ingest', 'mime', 'imap', 'node:', 'nodemailer', 'zod'],
  },
  { layer: 'outbox', pattern: /^main\/engine\/outbox\//, may: ['outbox', 'core', 'shared', 'imap', 'smtp', 'store', 'node:'] },
  {
    layer: 'continuity',
    pattern: /^main\/engine\/continuity\//,
    may: ['continuity', 'core', 'shared', 'store', 'imap', 'smtp', 'engine-contract', 'node:'],
  },
  { layer: 'reconcile', pattern: /^main\/engine\/reconcile\//, may: ['reconcile', 'core', 'shared', 'imap', 'store', 'node:'] },
  { layer: 'audit', pattern: /^main\/engine\/audit\//, may: ['audit', 'core', 'shared', 'store', 'node:'] },
  { layer: 'drill', pattern: /^main\/engine\/drill\//, may: ['drill', 'core', 'shared', 'store', 'node:'] },
  { layer: 'read', pattern: /^main\/engine\/read\//, may: ['read', 'core', 'shared', 'store', 'ingest', 'zod'] },
  {
    layer: 'trust',
    pattern: /^main\/engine\/trust\//,
    may: ['trust', 'core', 'shared', 'store', 'ingest', 'mime', 'engine-contract', 'node:'],
  },
  {
    layer: 'engine',
    pattern: /^main\/engine\/(calls\/)?[^/]+\.ts$/,
    may: [
      'engine',
      'engine-contract',
      'core',
      'shared',
      'store',
      'imap',
      'smtp',
      'mime',
      'ingest',
      'auth',
      'enrol',
      'mirror',
      'oplog',
      'compose',
      'outbox',
      'continuity',
      'reconcile',
      'drill',
      'audit',
      'read',
      'trust',
      'node:',
    ],
  },
  { layer: 'keys', pattern: /^main\/keys\//, may: ['keys', 'shared', 'core', 'types:engine-contract', 'node:', 'keytar', 'zod'] },
  { layer: 'policy', pattern: /^main\/policy\//, may: ['policy', 'shared', 'core', 'node:', '@rgrove/parse-xml', 'zod'] },
  {
    layer: 'cli',
    pattern: /^main\/(cli\.ts|cli\/)/,
    may: ['cli', 'policy', 'keys', 'engine', 'engine-contract', 'core', 'shared', 'store', 'mirror', 'read', 'node:'],
  },
  { layer: 'admin', pattern: /^main\/(admin\.ts|admin\/)/, may: ['admin', 'cli', 'keys', 'core', 'shared', 'node:', 'ldapts', 'zod'] },
  { layer: 'shell', pattern: /^main\/shell-command\.ts$/, may: ['shell', 'cli', 'admin', 'shared', 'node:'] },
  { layer: 'spelling', pattern: /^main\/spelling\//, may: ['spelling', 'shared', 'node:', 'hunspell-wasm'] },
  {
    layer: 'updates',
    pattern: /^main\/app\/updates\//,
    may: ['updates', 'types:app', 'core', 'shared', 'node:', 'electron-updater', 'builder-util-runtime', 'zod'],
  },
  {
    layer: 'app',
    pattern: /^main\/(app\/|index\.ts$)/,
    may: [
      'app',
      'shell',
      'updates',
      'policy',
      'keys',
      'shared',
      'core',
      'types:engine',
      'types:engine-contract',
      'types:spelling',
      'node:',
      'electron',
      'zod',
    ],
  },
  { layer: 'preload', pattern: /^preload\//, may: ['preload', 'shared', 'electron'] },
  { layer: 'renderer', pattern: /^renderer\//, may: ['renderer', 'shared', 'svelte', 'dompurify', 'pdfjs-dist', 'punycode.js', 'zod'] },
];

/** Packages that one file alone may import: a library's edge is one gateway. */
export const onlyIn = {
  'better-sqlite3': /^main\/engine\/store\//,
  ldapts: /^main\/admin\/directory\/source\.ts$/,
  oauth4webapi: /^main\/engine\/auth\/sign-in\//,
  keytar: /^main\/keys\/keyring\.ts$/,
  electron: /^(main\/app\/|main\/index\.ts$|preload\/)/,
};

const layerOf = (file) => law.find(({ pattern }) => pattern.test(file)) ?? null;

function resolve(file, source) {
  const parts = file.split('/').slice(0, -1);
  for (const part of source.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function packageName(source) {
  if (source.startsWith('node:')) return 'node:';
  return source.startsWith('@') ? source.split('/').slice(0, 2).join('/') : source.split('/')[0];
}

/** Why this import is against the law, or null. @param {string} file path from the root, with slashes */
export function breach(file, source, isTypeOnly) {
  const own = layerOf(file);
  if (!own) return null;
  if (source.startsWith('.')) {
    const target = resolve(file, source);
    const theirs = layerOf(target);
    if (!theirs) return `${own.layer} may not import ${target}, which belongs to no layer`;
    const isAllowed = own.may.includes(theirs.layer) || (isTypeOnly && own.may.includes(`types:${theirs.layer}`));
    return isAllowed ? null : `${own.layer} may not import ${theirs.layer}`;
  }
  const name = packageName(source);
  const place = onlyIn[name];
  if (place && !place.test(file) && !isTypeOnly) return `${name} may be imported at its gateway only`;
  return own.may.includes(name) ? null : `${own.layer} may not import ${name}`;
}

/** @type {import('eslint').Rule.RuleModule} */
export const importLaw = {
  meta: { type: 'problem', schema: [], messages: { breach: 'Import law: {{why}}' } },
  create(context) {
    const file = context.filename.replaceAll('\\', '/').replace(`${context.cwd.replaceAll('\\', '/')}/`, '');
    const check = (node, source, isTypeOnly) => {
      const why = typeof source === 'string' ? breach(file, source, isTypeOnly) : null;
      if (why) context.report({ node, messageId: 'breach', data: { why } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source.value, false),
      TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, true),
    };
  },
};
