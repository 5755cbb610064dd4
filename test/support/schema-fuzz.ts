import type { z } from 'zod';
import type { SeededRandom } from './random.ts';

/** What zod keeps of a schema; only what is read here. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly getter?: () => z.ZodType;
}
type Maker = (definition: Definition, random: SeededRandom, depth: number) => unknown;

const MAX_DEPTH = 8;
const HOSTILE_TEXTS = [
  '',
  '\0',
  '../../etc/passwd',
  '\\\\host\\share',
  "1'; DROP TABLE entries; --",
  'file:///etc/passwd',
  'javascript:alert(1)',
  'a\r\nBcc: x@y.example',
  '\u202Egpj.exe',
  '\uD800',
  '__proto__',
  '%00%0d%0a',
  '${7*7}',
  '🙂'.repeat(300),
  'x'.repeat(70_000),
];
const HOSTILE_NUMBERS = [-1, 0, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, -(2 ** 63), Number.MAX_VALUE];

const text: Maker = (_definition, random) =>
  random.pick([random.word(random.int(1, 12)), `${random.word(6)}@nordlicht.example`, 'inbox', '1:INBOX', `<b>${random.word(4)}</b>`]);
const object: Maker = ({ shape = {} }, random, depth) =>
  Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, make(schema, random, depth + 1)]));
const list: Maker = ({ element }, random, depth) =>
  Array.from({ length: depth > MAX_DEPTH ? 0 : random.int(0, 3) }, () => make(element!, random, depth + 1));
const inner: Maker = ({ innerType }, random, depth) => make(innerType!, random, depth + 1);

const makers: Readonly<Record<string, Maker>> = {
  string: text,
  number: (_definition, random) => random.pick([random.int(0, 3), random.int(1, 40), random.int(0, 2000)]),
  int: (_definition, random) => random.int(0, 40),
  boolean: (_definition, random) => random.bool(),
  object,
  array: list,
  tuple: ({ items = [] }, random, depth) => items.map((item) => make(item, random, depth + 1)),
  union: ({ options = [] }, random, depth) => make(random.pick(options), random, depth + 1),
  enum: ({ entries = {} }, random) => random.pick(Object.values(entries)),
  literal: ({ values = [] }, random) => random.pick(values),
  nullable: (definition, random, depth) => (random.bool(0.3) ? null : inner(definition, random, depth)),
  optional: (definition, random, depth) => (random.bool(0.3) ? undefined : inner(definition, random, depth)),
  default: inner,
  prefault: inner,
  readonly: inner,
  catch: inner,
  nonoptional: inner,
  lazy: ({ getter }, random, depth) => make(getter!(), random, depth + 1),
  pipe: (definition, random, depth) => make(definition.in!, random, depth + 1),
  record: ({ valueType }, random, depth) => ({ [random.word(4)]: make(valueType!, random, depth + 1) }),
  null: () => null,
  custom: (_definition, random) => new Uint8Array(random.bytes(random.int(0, 200))),
};

/** A value of the form that a schema asks for; often one that it takes. */
export function make(schema: z.ZodType, random: SeededRandom, depth = 0): unknown {
  const definition = schema._zod.def as unknown as Definition;
  return (makers[definition.type] ?? (() => null))(definition, random, depth);
}

/** A value that nobody would send who means well. It can be cloned from one process to another. */
export function hostile(random: SeededRandom): unknown {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  return random.pick<() => unknown>([
    () => random.pick(HOSTILE_TEXTS),
    () => random.pick(HOSTILE_NUMBERS),
    () => null,
    () => undefined,
    () => [],
    () => ({ constructor: { prototype: { isAdmin: true } } }),
    () => JSON.parse('{"__proto__":{"isAdmin":true},"extra":1}') as unknown,
    // Deeper than any schema; what drives the window does not send more.
    () => nested(40),
    () => Array.from({ length: 20_000 }, (_, n) => n),
    () => new Date(0),
    () => random.bool(),
  ])();
}

/** The same with one place in it, however deep, made hostile, left out or added. */
export function spoil(value: unknown, random: SeededRandom): unknown {
  if (random.bool(0.25) || value === null || typeof value !== 'object' || value instanceof Uint8Array) return hostile(random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [hostile(random)];
    const at = random.int(0, value.length - 1);
    return value.map((one: unknown, n) => (n === at ? spoil(one, random) : one));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.bool(0.15)) return { ...value, [random.pick(['extra', 'path', 'sql', 'toString'])]: hostile(random) };
  const [key] = random.pick(entries);
  if (random.bool(0.15)) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(entries.map(([name, one]) => [name, name === key ? spoil(one, random) : one]));
}
