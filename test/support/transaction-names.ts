import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

export interface TransactionNames {
  /** Names as they stand in the sources, sorted. */
  readonly names: readonly string[];
  /** `file:line` of transactions whose name cannot be read there. */
  readonly unread: readonly string[];
}

/** Who is called: `tx` of `handle.tx(…)` and `tx(…)`, `#record` of `this.#record(…)`. */
function calleeOf({ expression }: ts.CallExpression): string | null {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : null;
}

/** The function around a node that has a parameter of this name, as its first. */
function functionWithFirst(node: ts.Node, parameter: string): ts.SignatureDeclaration | null {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    const [first] = at.parameters;
    if (first && ts.isIdentifier(first.name) && first.name.text === parameter) return at;
  }
  return null;
}

function nameOf(made: ts.SignatureDeclaration): string | null {
  if (made.name && (ts.isIdentifier(made.name) || ts.isPrivateIdentifier(made.name))) return made.name.text;
  return ts.isVariableDeclaration(made.parent) && ts.isIdentifier(made.parent.name) ? made.parent.name.text : null;
}

function callsIn(file: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return calls;
}

/**
 * The names of all transactions in sources: the first argument of each `tx(…)`, and of each function of the same file that hands its own
 * first argument on to one. A name that is made in any other way is told as unread, so that none is overlooked.
 */
export function transactionNamesIn(path: string, text: string): TransactionNames {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const calls = callsIn(file);
  const names = new Set<string>();
  const unread: string[] = [];
  const makers = new Set(['tx']);
  const seen = new Set<ts.CallExpression>();
  for (let before = 0; before !== makers.size;) {
    before = makers.size;
    for (const call of calls) {
      const [first] = call.arguments;
      if (seen.has(call) || !first || !makers.has(calleeOf(call) ?? '')) continue;
      seen.add(call);
      if (ts.isStringLiteralLike(first)) {
        names.add(first.text);
        continue;
      }
      const around = ts.isIdentifier(first) ? functionWithFirst(call, first.text) : null;
      const maker = around === null ? null : nameOf(around);
      if (maker === null) unread.push(`${path}:${file.getLineAndCharacterOfPosition(call.getStart()).line + 1}`);
      else makers.add(maker);
    }
  }
  return { names: [...names].sort(), unread };
}

/** The same for every source below a folder. */
export function transactionNamesBelow(folder: string): TransactionNames {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.ts'))
    .map((one) => join(one.parentPath, one.name));
  const all = files.map((path) => transactionNamesIn(relative(folder, path), readFileSync(path, 'utf8')));
  return { names: [...new Set(all.flatMap((one) => one.names))].sort(), unread: all.flatMap((one) => one.unread) };
}
