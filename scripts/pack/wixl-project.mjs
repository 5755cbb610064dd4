import { createHash } from 'node:crypto';
import { parseXml } from '@rgrove/parse-xml';

const NAMESPACE = 'http://schemas.microsoft.com/wix/2006/wi';
const ROOT = 'APPLICATIONFOLDER';
const DRIVE = /^[A-Za-z]:/u;
/** What wixl does not know; `lateTables` says it to the finished database. */
const UNKNOWN = {
  Property: ['Secure'],
  MajorUpgrade: ['AllowSameVersionUpgrades'],
  MediaTemplate: ['CompressionLevel'],
  Component: ['Directory'],
  // Nobody but an administrator can write where these lie.
  File: ['ReadOnly'],
};

const escape = (text) => text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;').replace(/"/gu, '&quot;');
const childrenOf = (element) => element.children.filter((one) => one.type === 'element');
const write = (name, attributes, inner) =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('')}>${inner}</${name}>\n`;

/** wixl takes neither WiX's variables nor the drive that Wine has for the root, and looks up every place from where it is started: `/`. */
function placeOf(value, appDir) {
  return value
    .replace('$(var.appDir)', () => appDir)
    .replace(DRIVE, '')
    .replaceAll('\\', '/')
    .replace(/^\//u, '');
}

function attributesOf({ name, attributes }, appDir) {
  const kept = Object.entries(attributes).filter(([key]) => !UNKNOWN[name]?.includes(key) && key !== 'xmlns');
  const made = kept.map(([key, value]) => [key, key === 'Source' || key === 'SourceFile' ? placeOf(value, appDir) : value]);
  return Object.fromEntries(made);
}

/** What WiX makes of itself and wixl wants to be told: names, GUIDs from where a component lies, and that this is for 64 bits. */
function complete(component) {
  const [part] = childrenOf(component);
  const digest = createHash('sha256')
    .update(part.attributes.Source ?? part.attributes.Id ?? '')
    .digest('hex')
    .slice(0, 32);
  component.attributes = { Id: `c${digest}`, Guid: '*', Win64: 'yes', ...component.attributes };
  if (part.name === 'File') part.attributes = { Id: `f${digest}`, ...part.attributes };
}

/** The folders that electron-builder writes as one path each, as the tree that wixl knows. */
function folderTree(folders) {
  const tree = new Map();
  let made = 0;
  for (const { Id, Name } of folders) {
    let level = tree;
    let entry = null;
    for (const part of Name.slice(ROOT.length + 1)
      .split('\\')
      .filter((one) => one !== '')) {
      if (!level.has(part)) level.set(part, { id: `folder${(made += 1)}`, below: new Map() });
      entry = level.get(part);
      level = entry.below;
    }
    entry.id = Id;
  }
  return tree;
}

const isPath = ({ name, attributes }) => name === 'Directory' && attributes.Name?.startsWith(`${ROOT}:\\`);
const isGroup = ({ name }) => name === 'ComponentGroup';

/** wixl wants a component inside its folder. */
function writeFolders(tree, context) {
  return [...tree].map(([Name, { id, below }]) => write('Directory', { Id: id, Name }, writeInside(id, below, context))).join('');
}

function writeInside(id, tree, context) {
  const own = context.components.filter(({ attributes }) => (attributes.Directory ?? ROOT) === id);
  return own.map((one) => writeElement(one, context)).join('') + writeFolders(tree, context);
}

function writeElement(element, context) {
  const { name, attributes } = element;
  // Said to the finished database.
  if (name === 'ShortcutProperty' || (name === 'Condition' && element.parent.name === 'Component')) return '';
  if (name === 'ComponentGroupRef') return context.components.map((one) => write('ComponentRef', { Id: one.attributes.Id }, '')).join('');
  const inner = element.children.map((one) => (one.type === 'element' ? writeElement(one, context) : escape(one.text ?? ''))).join('');
  const isRoot = name === 'Directory' && attributes.Id === ROOT;
  return write(name, attributesOf(element, context.appDir), isRoot ? inner + writeInside(ROOT, context.tree, context) : inner);
}

function* elementsBelow(element) {
  for (const one of childrenOf(element)) {
    yield one;
    yield* elementsBelow(one);
  }
}

/** A value in the SQL of the installer's database, which has no way to write a quote. */
function quoted(value) {
  if (value.includes("'")) throw new Error(`An MSI table cannot be given ${value}`);
  return `'${value}'`;
}

const SAME_VERSION_TOO = 0x200 | 0x1;
/** Right after the folders are known to be writable, as WiX does: what the old version leaves behind cannot be mixed with the new one. */
const AFTER_INSTALL_VALIDATE = 1401;
const AFTER_APP_SEARCH = 51;
const SET_PROPERTY = 51;

/** The column is part of the row's key, which cannot be changed. */
function sameVersionToo({ UpgradeCode, Version }) {
  const values = [`{${UpgradeCode}}`, '', Version, ''].map(quoted).join(', ');
  return [
    "DELETE FROM Upgrade WHERE ActionProperty = 'WIX_UPGRADE_DETECTED'",
    `INSERT INTO Upgrade (UpgradeCode, VersionMin, VersionMax, Language, Attributes, Remove, ActionProperty) VALUES (${values}, ${SAME_VERSION_TOO}, '', 'WIX_UPGRADE_DETECTED')`,
  ];
}

/** Statements for what the project says and wixl does not understand. */
function lateTables(product) {
  const all = [...elementsBelow(product)];
  const secure = all.filter(({ name, attributes }) => name === 'Property' && attributes.Secure === 'yes').map((one) => one.attributes.Id);
  const statements = [`UPDATE InstallExecuteSequence SET Sequence = ${AFTER_INSTALL_VALIDATE} WHERE Action = 'RemoveExistingProducts'`];
  // wixl orders only what is its own, and takes setting a property for work that needs rights.
  for (const { name, attributes } of all) {
    if (name === 'Custom' && attributes.After === 'AppSearch') {
      statements.push(`UPDATE InstallExecuteSequence SET Sequence = ${AFTER_APP_SEARCH} WHERE Action = ${quoted(attributes.Action)}`);
      statements.push(`UPDATE CustomAction SET Type = ${SET_PROPERTY} WHERE Action = ${quoted(attributes.Action)}`);
    }
  }
  const upgrade = all.find(({ name }) => name === 'MajorUpgrade');
  if (upgrade?.attributes.AllowSameVersionUpgrades === 'yes') statements.push(...sameVersionToo(product.attributes));
  for (const { name, attributes, children } of all) {
    const condition = name === 'Component' ? children.find((one) => one.name === 'Condition') : undefined;
    if (condition) {
      statements.push(`UPDATE Component SET Condition = ${quoted(condition.text.trim())} WHERE Component = ${quoted(attributes.Id)}`);
    }
  }
  const shortcuts = all.flatMap((one) => childrenOf(one).map((child) => ({ shortcut: one.attributes.Id, child })));
  const properties = shortcuts.filter(({ child }) => child.name === 'ShortcutProperty');
  if (properties.length > 0) {
    statements.push(
      'CREATE TABLE MsiShortcutProperty (MsiShortcutProperty CHAR(72) NOT NULL, Shortcut_ CHAR(72) NOT NULL, PropertyKey CHAR(0) NOT NULL, PropVariantValue CHAR(0) NOT NULL PRIMARY KEY MsiShortcutProperty)',
    );
  }
  properties.forEach(({ shortcut, child: { attributes } }, n) => {
    const values = [`${shortcut}${n}`, shortcut, attributes.Key, attributes.Value].map(quoted).join(', ');
    statements.push(`INSERT INTO MsiShortcutProperty (MsiShortcutProperty, Shortcut_, PropertyKey, PropVariantValue) VALUES (${values})`);
  });
  const names = ['WIX_DOWNGRADE_DETECTED', 'WIX_UPGRADE_DETECTED', ...secure].join(';');
  statements.push(`UPDATE Property SET Value = ${quoted(names)} WHERE Property = 'SecureCustomProperties'`);
  return statements;
}

/**
 * The project that electron-builder makes for WiX, in the words of msitools' wixl, and what is to be said to the finished
 * database besides. Pure.
 * @param {string} project
 * @param {{ appDir: string }} where the folder that is packed
 * @returns {{ text: string, statements: string[] }}
 */
export function toWixl(project, { appDir }) {
  const product = childrenOf(parseXml(project).root).find(({ name }) => name === 'Product');
  const parts = childrenOf(product);
  const components = parts.filter(isGroup).flatMap(childrenOf);
  components.forEach(complete);
  const context = { appDir, components, tree: folderTree(parts.filter(isPath).map((one) => one.attributes)) };
  const body = parts.filter((one) => !isPath(one) && !isGroup(one)).map((one) => writeElement(one, context));
  const text = write('Wix', { xmlns: NAMESPACE }, write('Product', attributesOf(product, appDir), body.join('')));
  return { text: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`, statements: lateTables(product) };
}
