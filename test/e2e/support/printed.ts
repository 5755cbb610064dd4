import type { RunningApp } from './start-app.ts';

/** A document that was to be printed, as the browser has it. */
export interface Printed {
  /** Its texts, in their order. */
  readonly text: string;
  /** Names of its elements, with the id of those that have one. */
  readonly elements: readonly string[];
}

interface PageNode {
  readonly nodeName: string;
  readonly nodeType: number;
  readonly nodeValue: string;
  readonly attributes?: readonly string[];
  readonly children?: readonly PageNode[];
}

/** In place of the system's dialog, which no test can answer: what is to be printed is read from the window that holds it, and told as printed. */
export function takePrints(app: RunningApp): Promise<void> {
  return app.electron.evaluate(({ app: electronApp }) => {
    const prints: unknown[] = [];
    Object.assign(globalThis, { prints });
    electronApp.on('web-contents-created', (_event, contents) => {
      contents.print = ((_options: unknown, done: (isDone: boolean) => void) => {
        // No script runs in that window, so that none could read it there.
        contents.debugger.attach('1.3');
        void contents.debugger.sendCommand('DOM.getDocument', { depth: -1, pierce: true }).then(({ root }) => {
          prints.push(root);
          done(true);
        });
      }) as typeof contents.print;
    });
  });
}

/** Documents that were printed since. */
export async function printed(app: RunningApp): Promise<Printed[]> {
  const roots = await app.electron.evaluate(() => (globalThis as unknown as { prints: PageNode[] }).prints);
  return roots.map((root) => {
    const nodes = flat(root);
    const idOf = ({ attributes = [] }: PageNode) => attributes[attributes.findIndex((one, n) => n % 2 === 0 && one === 'id') + 1];
    return {
      text: nodes.filter(({ nodeType }) => nodeType === 3).map(({ nodeValue }) => nodeValue).join(' '), // prettier-ignore
      elements: nodes
        .filter(({ nodeType }) => nodeType === 1)
        .map((one) => (one.attributes?.includes('id') ? `${one.nodeName}#${idOf(one)}` : one.nodeName)),
    };
  });
}

const flat = (node: PageNode): PageNode[] => [node, ...(node.children ?? []).flatMap(flat)];
