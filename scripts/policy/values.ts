import { z } from 'zod';
import { policySchema, policySections, type PolicySection } from '../../shared/policy/schema.ts';

/** What a value is, as far as templates and reference tell kinds apart. */
export type Kind =
  | { readonly kind: 'choice'; readonly words: readonly string[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'yes-no' }
  | { readonly kind: 'text'; readonly mostChars: number }
  | { readonly kind: 'pem'; readonly mostChars: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'json' };

export type PolicyValue = { readonly section: PolicySection; readonly name: string } & Kind;

interface Node {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
}

/** JSON schema of `policies.json`. */
export const jsonSchema = (): Node => z.toJSONSchema(policySchema, { io: 'input' }) as Node;

function kindOf(node: Node, place: string): Kind {
  if (node.enum) return { kind: 'choice', words: node.enum };
  if (node.type === 'integer') return { kind: 'number', least: node.minimum ?? 0, most: node.maximum ?? Number.MAX_SAFE_INTEGER };
  if (node.type === 'boolean') return { kind: 'yes-no' };
  if (node.type === 'array') return { kind: 'list' };
  const texts = node.anyOf ?? [node];
  if (texts.some(({ type }) => type !== 'string')) throw new Error(`${place}: the generator knows no such kind of value`);
  const mostChars = Math.max(...texts.map(({ maxLength }) => maxLength ?? 0)) || 255;
  return { kind: node.pattern?.includes('BEGIN') ? 'pem' : 'text', mostChars };
}

/** Every value of the policy in the order of the schema; accounts and registrations are one value each, of JSON. */
export function policyValues(): PolicyValue[] {
  const sections = jsonSchema().properties ?? {};
  return policySections.flatMap((section): PolicyValue[] => {
    const { properties } = sections[section] ?? {};
    if (!properties) return [{ section, name: section, kind: 'json' }];
    return Object.entries(properties).map(([name, node]) => ({ section, name, ...kindOf(node, `${section}.${name}`) }));
  });
}
