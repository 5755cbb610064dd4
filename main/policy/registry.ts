import { policySections } from '../../shared/policy/schema.ts';
import { placeFault, type PolicyError } from './fault.ts';

const ROOT = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover';
export const REGISTRY_KEY = 'HKLM\\SOFTWARE\\Policies\\Holdover';
const VALUE = /^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/;
/** Between the lines of a REG_MULTI_SZ, as `reg query` prints them. In JSON and PEM an unescaped `\0` cannot be content. */
const LINE_END = /(?<!\\)((?:\\\\)*)\\0/g;

/** The value beside the sections that names a policy file, as the installer's property POLICYPATH does. */
const isPathName = (name: string): boolean => name.toLowerCase() === 'policypath';

type Tree = Record<string, unknown>;

const wrong = (what: string): PolicyError => placeFault('registry', what);

function parsedJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(`${name} is not JSON`);
  }
}

/** Numbers are switches where the schema wants yes or no; which they are is not known to the registry. */
function valueOf(name: string, type: string, text: string): unknown {
  switch (type) {
    case 'REG_DWORD':
    case 'REG_QWORD':
      return Number(text);
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return text;
    case 'REG_MULTI_SZ':
      return text.replace(LINE_END, '$1\n');
    default:
      throw wrong(`${name} has the type ${type}, which no policy uses`);
  }
}

/** A list is a key whose values are its members, named 1, 2, 3 … by the group policy editor. */
const asList = (values: Tree): unknown[] =>
  Object.entries(values)
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([, value]) => value);

function nodeAt(tree: Tree, path: readonly string[]): Tree {
  let node = tree;
  for (const part of path) node = (node[part] ??= {}) as Tree;
  return node;
}

/** Names are found whatever their case, as Windows does. */
const sectionNamed = (name: string): string => policySections.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;

function rawTree(output: string): Tree {
  const tree: Tree = {};
  let at: Tree | null = null;
  for (const line of output.split(/\r?\n/)) {
    if (/^HKEY_/i.test(line)) {
      const isOurs = line.toLowerCase() === ROOT.toLowerCase() || line.toLowerCase().startsWith(`${ROOT.toLowerCase()}\\`);
      const [section, ...rest] = line
        .slice(ROOT.length + 1)
        .split('\\')
        .filter(Boolean);
      at = isOurs ? nodeAt(tree, section === undefined ? [] : [sectionNamed(section), ...rest]) : null;
      continue;
    }
    const [, name, type = '', text = ''] = VALUE.exec(line) ?? [];
    // A key's own value without a name means nothing to us.
    if (at === null || name === undefined || /^\(.*\)$/.test(name) || (at === tree && isPathName(name))) continue;
    at[name] = valueOf(name, type, text);
  }
  return tree;
}

/**
 * What `reg query KEY /s` printed, as `policies.json` would say it; null where there is nothing. Pure.
 * @param isSwitch whether the schema wants yes or no at this place
 * @throws PolicyError where a value cannot be read at all
 */
export function policyFromRegistry(output: string, isSwitch: (section: string, name: string) => boolean): Tree | null {
  const tree = rawTree(output);
  const sections = Object.entries(tree).map(([section, values]) => {
    if (typeof values === 'string') return [section, parsedJson(section, values)] as const;
    if (typeof values !== 'object' || values === null) return [section, values] as const;
    const read = Object.entries(values).map(([name, value]) => {
      if (typeof value === 'object' && value !== null) return [name, asList(value as Tree)] as const;
      return [name, isSwitch(section, name) && (value === 0 || value === 1) ? value === 1 : value] as const;
    });
    return [section, Object.fromEntries(read)] as const;
  });
  // The editor leaves empty keys behind when a policy is set back.
  const filled = sections.filter(([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0);
  return filled.length === 0 ? null : Object.fromEntries(filled);
}

/** The policy file that the registry names, or null. Pure. */
export function policyPathOf(output: string): string | null {
  const lines = output.split(/\r?\n/);
  const at = lines.findIndex((line) => line.toLowerCase() === ROOT.toLowerCase());
  const end = lines.findIndex((line, n) => n > at && /^HKEY_/i.test(line));
  const own = at < 0 ? [] : lines.slice(at + 1, end < 0 ? undefined : end);
  const found = own.map((line) => VALUE.exec(line)).find((match) => isPathName(match?.[1] ?? ''));
  return found?.[3]?.trim() || null;
}
