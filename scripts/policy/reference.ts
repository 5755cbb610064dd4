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

function table(section: PolicySection, words: PolicyWords): string[] {
  const values = policyValues().filter((value) => value.section === section);
  const { reference } = words;
  if (values.some(({ kind }) => kind === 'json')) {
    const fields = Object.entries(words.template).map(([name, what]) => `- \`${name}\`: ${what}`);
    return [
      `### ${reference.templateTitle}`,
      '',
      ...fields,
      '',
      `### ${reference.attributesTitle}`,
      '',
      ...reference.attributes.map((one) => `- ${one}`),
    ];
  }
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
