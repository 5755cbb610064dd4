import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XmlElement, parseXml } from '@rgrove/parse-xml';
import * as plist from 'plist';
import { describe, expect, it } from 'vitest';
import { policySchema, policySections } from '../../shared/policy/schema.ts';
import { FOLDER, policyFiles } from '../../scripts/policy/files.ts';
import { examplePolicy } from '../../scripts/policy/example.ts';
import { policyValues } from '../../scripts/policy/values.ts';
import { de } from '../../scripts/policy/words-de.ts';
import { en } from '../../scripts/policy/words-en.ts';

const root = path.join(import.meta.dirname, '../..', FOLDER);
const files = policyFiles();
const ADMX = 'windows/holdover.admx';
const ADMLS = ['windows/en-US/holdover.adml', 'windows/de-DE/holdover.adml'];
const LINT = '/usr/bin/xmllint';

function* walk(node: XmlElement): Generator<XmlElement> {
  yield node;
  for (const child of node.children) if (child instanceof XmlElement) yield* walk(child);
}
const elements = (file: string, name?: string): XmlElement[] =>
  [...walk(parseXml(files[file] ?? '').root as XmlElement)].filter((one) => name === undefined || one.name === name);
const ids = (file: string, name: string, attribute: string): string[] => elements(file, name).map((one) => one.attributes[attribute] ?? '');
const referred = (file: string, table: 'string' | 'presentation'): string[] =>
  elements(file)
    .flatMap((one) => Object.values(one.attributes))
    .flatMap((value) => new RegExp(`^\\$\\(${table}\\.(\\w+)\\)$`).exec(value)?.[1] ?? []);
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('files generated from the policy schema', () => {
  it.each(Object.entries(files))('%s is current (npm run policy:generate)', (name, content) => {
    expect(readFileSync(path.join(root, name), 'utf8')).toBe(content);
  });

  it('are all that is there', () => {
    const there = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(there.map((one) => path.relative(root, path.join(one.parentPath, one.name))).sort()).toEqual(Object.keys(files).sort());
  });

  it.skipIf(!existsSync(LINT))('are well-formed to another reader of XML', () => {
    for (const name of Object.keys(files).filter((one) => /\.(?:adm[xl]|plist|mobileconfig)$/.test(one))) {
      execFileSync(LINT, ['--noout', '--nonet', path.join(root, name)]);
    }
  });

  it('have a policy for every value, under the key and name from which it is read', () => {
    const key = 'SOFTWARE\\Policies\\Holdover';
    const places = elements(ADMX, 'policy').map((policy) => {
      const [own] = policy.children.flatMap((child) =>
        child instanceof XmlElement && child.name === 'elements' ? ([...walk(child)][1] ?? []) : [],
      );
      const { key: place = '', valueName = '' } = own?.name === 'list' ? own.attributes : { ...policy.attributes, ...own?.attributes };
      return own?.name === 'list' ? place : `${policy.attributes['key']}\\${valueName}`;
    });
    const expected = policyValues().map(({ section, name }) => (section === name ? `${key}\\${name}` : `${key}\\${section}\\${name}`));
    expect(places).toEqual(expected);
    expect(sorted(policyValues().map(({ section }) => section))).toEqual([...policySections].sort());
  });

  it('keep to the order and the attributes of a Windows template', () => {
    const order = ['parentCategory', 'supportedOn', 'enabledValue', 'disabledValue', 'elements'];
    const known = new Set(['Holdover', ...policySections]);
    for (const policy of elements(ADMX, 'policy')) {
      const names = policy.children.flatMap((child) => (child instanceof XmlElement ? [child.name] : []));
      expect(names).toEqual(order.filter((name) => names.includes(name)));
      // Either a state with a value, or elements with a presentation: Windows shows nothing for a policy with neither.
      expect(names.includes('elements')).toBe(policy.attributes['presentation'] !== undefined);
      expect(names.includes('enabledValue')).toBe(policy.attributes['valueName'] !== undefined);
      expect(policy.attributes['class']).toBe('Machine');
      expect(policy.attributes['name']).toMatch(/^\w+$/);
    }
    for (const ref of ids(ADMX, 'parentCategory', 'ref')) expect(known).toContain(ref);
    for (const name of ['policy', 'category'] as const) {
      const all = ids(ADMX, name, 'name');
      expect(new Set(all).size).toBe(all.length);
    }
    expect(elements(ADMX)[0]?.attributes['xmlns']).toBe('http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions');
  });

  it.each(ADMLS)('%s has exactly the strings and presentations that the template names, each once', (file) => {
    const strings = ids(file, 'string', 'id');
    const presentations = ids(file, 'presentation', 'id');
    expect(new Set(strings).size).toBe(strings.length);
    expect(sorted(strings)).toEqual(sorted(referred(ADMX, 'string')));
    expect(sorted(presentations)).toEqual(sorted(referred(ADMX, 'presentation')));
    for (const text of elements(file, 'string')) expect(text.text.trim()).not.toBe('');
    // Every box belongs to an element of the same id.
    const boxes = elements(file).flatMap((one) => one.attributes['refId'] ?? []);
    const held = elements(ADMX).flatMap((one) => one.attributes['id'] ?? []);
    expect(sorted(boxes)).toEqual(sorted(held));
  });

  it('give every choice words in both languages', () => {
    for (const value of policyValues()) {
      if (value.kind !== 'choice') continue;
      for (const { values } of [en, de]) {
        const word = values[`${value.section}.${value.name}` as keyof typeof values];
        expect(Object.keys(word.choices ?? {}).sort()).toEqual([...value.words].sort());
      }
    }
  });

  it('hold a profile for macOS from which the example is read again', () => {
    const profile = plist.parse(files['macos/holdover.mobileconfig'] ?? '') as {
      PayloadContent: Record<string, unknown>[];
      PayloadUUID: string;
    };
    const [payload = {}] = profile.PayloadContent;
    const own = Object.fromEntries(Object.entries(payload).filter(([name]) => !name.startsWith('Payload')));
    const { $schema: _editor, ...withoutEditor } = examplePolicy;
    expect(payload['PayloadType']).toBe('com.holdover.app');
    expect(policySchema.parse(own)).toEqual(policySchema.parse(withoutEditor));
    expect(profile.PayloadUUID).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  });

  it('hold a manifest for macOS that knows every value', () => {
    interface Key {
      readonly pfm_name: string;
      readonly pfm_type: string;
      readonly pfm_subkeys?: readonly Key[];
    }
    const { pfm_subkeys: sections } = plist.parse(files['macos/com.holdover.app.plist'] ?? '') as unknown as {
      pfm_subkeys: readonly Key[];
    };
    const names = sections.flatMap((one) =>
      one.pfm_type === 'array'
        ? [`${one.pfm_name}.${one.pfm_name}`]
        : (one.pfm_subkeys ?? []).map((sub) => `${one.pfm_name}.${sub.pfm_name}`),
    );
    expect(names).toEqual(policyValues().map(({ section, name }) => `${section}.${name}`));
  });

  it('warn in both guides of a manifest taken for values, which the app refuses, and of an example left as it is', () => {
    const manifest = plist.parse(files['macos/com.holdover.app.plist'] ?? '') as object;
    expect(policySchema.safeParse(manifest).success).toBe(false);
    const guides = {
      en: /^\*\*Jamf\.\*\*.*?Do \*\*not\*\* upload `docs\/policy\/macos\/com\.holdover\.app\.plist`/msu,
      de: /^\*\*Jamf\.\*\*.*?\*\*nicht\*\* `docs\/policy\/macos\/com\.holdover\.app\.plist`/msu,
    };
    for (const [language, warning] of Object.entries(guides)) {
      const guide = readFileSync(path.join(root, `../admin-guide.${language}.md`), 'utf8');
      expect(guide).toMatch(warning);
      for (const host of ['company.example', 'provider.example']) {
        expect(files['macos/holdover.mobileconfig']).toContain(host);
        expect(guide).toContain(`\`${host}\``);
      }
    }
  });

  it('describe every value in the reference of both languages', () => {
    for (const name of ['reference.en.md', 'reference.de.md']) {
      for (const value of policyValues()) if (value.kind !== 'json') expect(files[name]).toContain(`| \`${value.name}\` |`);
    }
  });

  it.each(['reference.en.md', 'reference.de.md'])('say in %s of each list which fields its entries have, and of no other', (name) => {
    const lists = policyValues().filter(({ kind }) => kind === 'json');
    expect(lists.map(({ section }) => section)).toEqual(['accounts', 'signIn']);
    const schema = JSON.parse(files['policies.schema.json'] ?? '') as {
      properties: Record<string, { items: { properties: Record<string, unknown> } }>;
    };
    for (const { section } of lists) {
      const [, own = ''] = new RegExp(`^## ${section}$([\\s\\S]*?)^## `, 'mu').exec(files[name] ?? '') ?? [];
      const [, fields = '', attributes = ''] = own.split(/^### .+$/mu);
      const told = [...fields.matchAll(/^- `(\w+)`: \S/gmu)].map(([, field]) => field);
      expect(told.sort(), section).toEqual(Object.keys(schema.properties[section]!.items.properties).sort());
      expect(attributes.includes('{samAccountName}'), section).toBe(section === 'accounts');
    }
  });
});
