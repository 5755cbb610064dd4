import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Text of a script in support/page: a function expression after its comment. */
export function pageScript(name: string): string {
  const text = readFileSync(path.join(import.meta.dirname, 'page', `${name}.js`), 'utf8');
  return text
    .replace(/^(\/\/.*\n)+/, '')
    .trim()
    .replace(/;$/, '');
}

/** An expression that calls the script with arguments, for evaluate(). */
export function callOf(name: string, ...args: readonly unknown[]): string {
  return `(${pageScript(name)})(${args.map((value) => JSON.stringify(value)).join(', ')})`;
}
