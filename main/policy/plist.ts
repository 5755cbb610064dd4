import { parseXml, XmlElement } from '@rgrove/parse-xml';

const elementsOf = (node: XmlElement): XmlElement[] => node.children.filter((child): child is XmlElement => child instanceof XmlElement);

function dictOf(node: XmlElement): Record<string, unknown> {
  const children = elementsOf(node);
  const pairs: [string, unknown][] = [];
  for (let at = 0; at < children.length; at += 2) {
    const [key, value] = [children[at], children[at + 1]];
    if (key?.name !== 'key' || value === undefined) throw new Error('a dictionary has no key where one belongs');
    pairs.push([key.text, valueOf(value)]);
  }
  return Object.fromEntries(pairs);
}

function valueOf(node: XmlElement): unknown {
  switch (node.name) {
    case 'dict':
      return dictOf(node);
    case 'array':
      return elementsOf(node).map(valueOf);
    case 'string':
    case 'date':
      return node.text;
    case 'integer':
    case 'real':
      return Number(node.text);
    case 'true':
    case 'false':
      return node.name === 'true';
    default:
      throw new Error(`unknown element ${node.name}`);
  }
}

/** A property list in its XML form. @throws Error where it is none */
export function parsePlist(text: string): unknown {
  const { root } = parseXml(text);
  const [value, ...more] = root?.name === 'plist' ? elementsOf(root) : [];
  if (value === undefined || more.length > 0) throw new Error('not a property list');
  return valueOf(value);
}

/** Managed preferences as `policies.json` would say it: what the system adds for itself is left out; null where nothing is left. */
export function policyFromPreferences(text: string): Record<string, unknown> | null {
  const value = parsePlist(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a dictionary');
  const own = Object.entries(value).filter(([key]) => !/^(?:Payload|com\.apple\.)/.test(key));
  return own.length === 0 ? null : Object.fromEntries(own);
}
