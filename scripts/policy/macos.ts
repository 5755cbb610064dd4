import { createHash } from 'node:crypto';
import { policySections } from '../../shared/policy/schema.ts';
import { examplePolicy } from './example.ts';
import { policyValues, type PolicyValue } from './values.ts';
import type { PolicyWords, ValuePath } from './words.ts';
import { element } from './xml.ts';

type PlistValue = string | number | boolean | readonly PlistValue[] | { readonly [key: string]: PlistValue };

const DOMAIN = 'com.holdover.app';
const DOCTYPE = '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';

function node(value: PlistValue): string {
  if (typeof value === 'string') return element('string', {}, value);
  if (typeof value === 'number') return element('integer', {}, String(value));
  if (typeof value === 'boolean') return element(String(value));
  if (Array.isArray(value)) return element('array', {}, value.map(node));
  return element(
    'dict',
    {},
    Object.entries(value).flatMap(([key, one]) => [element('key', {}, key), node(one as PlistValue)]),
  );
}

const plist = (value: PlistValue): string =>
  `${['<?xml version="1.0" encoding="UTF-8"?>', DOCTYPE, element('plist', { version: '1.0' }, [node(value)])].join('\n')}\n`;

/** The same name gives the same id, so that a profile made anew replaces the old one. */
function uuid(name: string): string {
  const hex = createHash('sha256').update(`holdover ${name}`).digest('hex');
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`.toUpperCase();
}

function subkey(value: PolicyValue, words: PolicyWords): PlistValue {
  const word = words.values[`${value.section}.${value.name}` as ValuePath];
  const type = { 'yes-no': 'boolean', number: 'integer', list: 'array', json: 'array', choice: 'string', text: 'string', pem: 'string' }[
    value.kind
  ];
  return {
    pfm_name: value.name,
    pfm_title: word.name,
    pfm_description: word.what,
    pfm_type: type,
    ...(value.kind === 'choice'
      ? { pfm_range_list: value.words, pfm_range_list_titles: value.words.map((one) => word.choices?.[one] ?? one) }
      : {}),
    ...(value.kind === 'number' ? { pfm_range_min: value.least, pfm_range_max: value.most } : {}),
    ...(value.kind === 'list' ? { pfm_subkeys: [{ pfm_type: 'string' }] } : {}),
  };
}

/** Manifest for editors of configuration profiles. */
export function manifest(words: PolicyWords): string {
  const values = policyValues();
  const sectionKey = (section: (typeof policySections)[number]): PlistValue => {
    const { name, what } = words.sections[section];
    const own = values.filter((value) => value.section === section);
    const head = { pfm_name: section, pfm_title: name, pfm_description: what };
    if (own.some(({ kind }) => kind === 'json')) return { ...head, pfm_type: 'array', pfm_subkeys: [{ pfm_type: 'dictionary' }] };
    return { ...head, pfm_type: 'dictionary', pfm_subkeys: own.map((value) => subkey(value, words)) };
  };
  return plist({
    pfm_domain: DOMAIN,
    pfm_format_version: 1,
    pfm_version: 1,
    pfm_title: words.product,
    pfm_description: words.reference.title,
    pfm_platforms: ['macOS'],
    pfm_targets: ['system-managed', 'user-managed'],
    pfm_unique: true,
    pfm_subkeys: policySections.map(sectionKey),
  });
}

/** A configuration profile that holds the example. */
export function mobileconfig(): string {
  const id = (name: string) => ({ PayloadIdentifier: `${DOMAIN}.${name}`, PayloadUUID: uuid(name), PayloadVersion: 1 });
  const { $schema: _editor, ...policy } = examplePolicy;
  return plist({
    PayloadType: 'Configuration',
    PayloadScope: 'System',
    PayloadDisplayName: 'Holdover',
    PayloadRemovalDisallowed: true,
    ...id('profile'),
    PayloadContent: [
      { PayloadType: DOMAIN, PayloadDisplayName: 'Holdover', PayloadEnabled: true, ...id('policy'), ...(policy as PlistValue as object) },
    ],
  });
}
