import { policySections, type PolicySection } from '../../shared/policy/schema.ts';
import { examplePolicy } from './example.ts';
import { policyValues, type PolicyValue } from './values.ts';
import type { PolicyWords, ValuePath, Word } from './words.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function allowed(value: PolicyValue, word: Word, { reference }: PolicyWords): string {
  switch (value.kind) {
    case 'choice':
      return value.words.map((one) => `\`${one}\`: ${word.choices?.[one] ?? ''}`).join('<br>');
    case 'number':
      return reference.number(value.least, value.most);
    case 'yes-no':
      return reference.yesNo;
    case 'list':
      return reference.list;
    default:
      return reference.text;
  }
}

const isList = (section: PolicySection): section is keyof PolicyWords['fields'] => section === 'accounts' || section === 'signIn';

/** What an entry of a section that is one list may hold; attributes stand in accounts only. */
function listFields(section: keyof PolicyWords['fields'], { fields, reference }: PolicyWords): string[] {
  const own = Object.entries(fields[section]).map(([name, what]) => `- \`${name}\`: ${what}`);
  const attributes = [`### ${reference.attributesTitle}`, '', ...reference.attributes.map((one) => `- ${one}`)];
  return [`### ${reference.fieldsTitle[section]}`, '', ...own, ...(section === 'accounts' ? ['', ...attributes] : [])];
}

function table(section: PolicySection, words: PolicyWords): string[] {
  const values = policyValues().filter((value) => value.section === section);
  const { reference } = words;
  if (isList(section)) return listFields(section, words);
  if (values.some(({ kind }) => kind === 'json')) throw new Error(`${section}: its fields have no words`);
  const line = (value: PolicyValue) => {
    const word = words.values[`${section}.${value.name}` as ValuePath];
    return row(`\`${value.name}\``, allowed(value, word, words), `**${word.name}.** ${word.what}`);
  };
  return [row(...reference.columns), row('---', '---', '---'), ...values.map(line)];
}

/** The reference in one language, as Markdown. */
export function referencePage(words: PolicyWords): string {
  const { reference } = words;
  const section = (name: PolicySection) => [`## ${name}`, '', words.sections[name].what, '', ...table(name, words), ''];
  return [
    `# ${reference.title}`,
    '',
    `<!-- ${reference.generated} -->`,
    '',
    ...reference.intro.flatMap((one) => [one, '']),
    `## ${reference.placesTitle}`,
    '',
    ...reference.places.map((one, n) => `${n + 1}. ${one}`),
    '',
    ...reference.placesAfter.flatMap((one) => [one, '']),
    ...policySections.flatMap(section),
    `## ${reference.exampleTitle}`,
    '',
    '```json',
    JSON.stringify(examplePolicy, null, 2),
    '```',
    '',
  ].join('\n');
}
