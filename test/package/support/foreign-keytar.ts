import { readFileSync } from 'node:fs';
import path from 'node:path';

const NAME = '@github/keytar';
const folder = path.join(import.meta.dirname, '../../../node_modules', NAME);
const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string; license: string };

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license: { readonly id: string } }[];
}
interface Bill {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What a package for another system than the one that builds it has to say of the native that it gets. */
export const shippedKeytar = {
  ...{ version, purl: `pkg:npm/%40github/keytar@${version}`, licence: license },
  isNeeded: true,
  text: readFileSync(path.join(folder, 'LICENSE.md'), 'utf8').trim(),
};

/** What the notices of a package say of it; null where they do not name it. */
export function foreignKeytarOf(notices: string): typeof shippedKeytar | null {
  const bill = JSON.parse(readFileSync(path.join(notices, 'sbom.cdx.json'), 'utf8')) as Bill;
  const found = bill.components.filter(({ name }) => name === NAME);
  const texts = readFileSync(path.join(notices, 'third-party-licences.txt'), 'utf8');
  const head = `\n${NAME} ${version} (${license})\n${'-'.repeat(78)}\n\n`;
  const [one] = found;
  if (!one) return texts.includes(head) ? shippedKeytar : null;
  const root = bill.dependencies.find(({ ref }) => ref === bill.metadata.component['bom-ref']);
  return {
    ...{ version: one.version, purl: one.purl, licence: one.licenses.map(({ license: { id } }) => id).join() },
    isNeeded: found.length === 1 && root?.dependsOn.includes(one['bom-ref']) === true,
    text: (texts.split(head)[1] ?? '').split(`\n${'-'.repeat(78)}\n`)[0]!.trim(),
  };
}
