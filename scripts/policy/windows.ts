import { policySections } from '../../shared/policy/schema.ts';
import { policyValues, type PolicyValue } from './values.ts';
import type { PolicyWords, ValuePath, Word } from './words.ts';
import { document, element } from './xml.ts';

const NAMESPACE = 'http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions';
const KEY = 'SOFTWARE\\Policies\\Holdover';
const VERSION = { revision: '1.0', schemaVersion: '1.0' };

const idOf = ({ section, name }: PolicyValue): string => (section === name ? name : `${section}_${name}`);
const wordOf = (words: PolicyWords, value: PolicyValue): Word =>
  value.section === value.name ? words.sections[value.section] : words.values[`${value.section}.${value.name}` as ValuePath];
/** The templates' schema takes letters, digits and underscores only. */
const wordId = (id: string, word: string): string => `${id}_${word.replaceAll('-', '_')}`;
const string = (id: string): string => `$(string.${id})`;

/** The element that holds a value; none for yes and no, which are the policy's own states. */
function elementOf(value: PolicyValue): string | null {
  const id = idOf(value);
  const own = { id, valueName: value.name, required: 'true' };
  switch (value.kind) {
    case 'yes-no':
      return null;
    case 'choice': {
      const item = (word: string) =>
        element('item', { displayName: string(wordId(id, word)) }, [element('value', {}, [element('string', {}, word)])]);
      return element('enum', own, value.words.map(item));
    }
    case 'number':
      return element('decimal', { ...own, minValue: value.least, maxValue: value.most });
    case 'text':
      return element('text', { ...own, maxLength: value.mostChars });
    // One value of several lines: a key in PEM, or JSON.
    case 'pem':
    case 'json':
      return element('multiText', { ...own, maxLength: 16_384 });
    case 'list':
      return element('list', { id, key: `${KEY}\\${value.section}\\${value.name}`, valuePrefix: '' });
  }
}

function policyOf(value: PolicyValue): string {
  const id = idOf(value);
  const held = elementOf(value);
  const states = (['enabled', 'disabled'] as const).map((state, n) => element(`${state}Value`, {}, [element('decimal', { value: 1 - n })]));
  return element(
    'policy',
    {
      name: id,
      class: 'Machine',
      displayName: string(id),
      explainText: string(`${id}_Help`),
      key: value.section === value.name ? KEY : `${KEY}\\${value.section}`,
      ...(held === null ? { valueName: value.name } : { presentation: `$(presentation.${id})` }),
    },
    [
      element('parentCategory', { ref: value.section }),
      element('supportedOn', { ref: 'SUPPORTED_Holdover' }),
      ...(held === null ? states : [element('elements', {}, [held])]),
    ],
  );
}

/** Windows group policy: what can be set, and where the registry keeps it. */
export function admx(): string {
  const category = (section: string) =>
    element('category', { name: section, displayName: string(`category_${section}`) }, [element('parentCategory', { ref: 'Holdover' })]);
  return document(
    element('policyDefinitions', { 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', ...VERSION, xmlns: NAMESPACE }, [
      element('policyNamespaces', {}, [element('target', { prefix: 'holdover', namespace: 'Holdover.Policies' })]),
      element('resources', { minRequiredRevision: '1.0' }),
      element('supportedOn', {}, [
        element('definitions', {}, [element('definition', { name: 'SUPPORTED_Holdover', displayName: string('SUPPORTED_Holdover') })]),
      ]),
      element('categories', {}, [
        element('category', { name: 'Holdover', displayName: string('category_Holdover') }),
        ...policySections.map(category),
      ]),
      element('policies', {}, policyValues().map(policyOf)),
    ]),
  );
}

function presentationOf(value: PolicyValue, words: PolicyWords): string[] {
  const id = idOf(value);
  const { name } = wordOf(words, value);
  const box = {
    choice: () => [element('dropdownList', { refId: id, noSort: 'true' }, name)],
    number: () => [element('decimalTextBox', { refId: id, defaultValue: value.kind === 'number' ? value.least : 0 }, name)],
    text: () => [element('textBox', { refId: id }, [element('label', {}, name)])],
    pem: () => [element('text', {}, name), element('multiTextBox', { refId: id, defaultHeight: 8 })],
    json: () => [element('text', {}, name), element('multiTextBox', { refId: id, defaultHeight: 12 })],
    list: () => [element('listBox', { refId: id }, name)],
    'yes-no': () => [],
  }[value.kind]();
  return box.length === 0 ? [] : [element('presentation', { id }, box)];
}

function stringsOf(value: PolicyValue, words: PolicyWords): string[] {
  const id = idOf(value);
  const { name, what, choices } = wordOf(words, value);
  const help = value.kind === 'json' ? `${what}\n\n${words.json}` : what;
  const choice = (word: string) => element('string', { id: wordId(id, word) }, choices?.[word] ?? missing(`${id}: ${word}`));
  return [
    element('string', { id }, name),
    element('string', { id: `${id}_Help` }, help),
    ...(value.kind === 'choice' ? value.words.map(choice) : []),
  ];
}

function missing(place: string): never {
  throw new Error(`${place} has no words`);
}

/** The words of the templates in one language. */
export function adml(words: PolicyWords): string {
  const values = policyValues();
  const category = (id: string, name: string) => element('string', { id: `category_${id}` }, name);
  return document(
    element('policyDefinitionResources', { 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', ...VERSION, xmlns: NAMESPACE }, [
      element('displayName', {}, words.product),
      element('description', {}, words.reference.title),
      element('resources', {}, [
        element('stringTable', {}, [
          element('string', { id: 'SUPPORTED_Holdover' }, words.supported),
          category('Holdover', words.product),
          ...policySections.map((section) => category(section, words.sections[section].name)),
          ...values.flatMap((value) => stringsOf(value, words)),
        ]),
        element(
          'presentationTable',
          {},
          values.flatMap((value) => presentationOf(value, words)),
        ),
      ]),
    ]),
  );
}
