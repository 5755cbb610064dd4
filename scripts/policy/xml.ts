type Attributes = Readonly<Record<string, string | number>>;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');

/** One element as lines; text goes on the line of its element, its own line ends as references. */
export function element(name: string, attributes: Attributes = {}, content: string | readonly string[] = []): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escape(String(value))}"`)].join(' ');
  if (typeof content === 'string') return `<${head}>${escape(content)}</${name}>`;
  if (content.length === 0) return `<${head}/>`;
  const inner = content.flatMap((one) => one.split('\n')).map((line) => `  ${line}`);
  return [`<${head}>`, ...inner, `</${name}>`].join('\n');
}

export const document = (...parts: readonly string[]): string => `${['<?xml version="1.0" encoding="utf-8"?>', ...parts].join('\n')}\n`;
