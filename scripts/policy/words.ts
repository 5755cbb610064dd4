import type { AccountTemplate, Policy, PolicySection } from '../../shared/policy/schema.ts';
import type { SignInClient } from '../../shared/policy/sign-in.ts';

type Sections = Omit<Policy, '$schema' | 'accounts' | 'signIn'>;
type SectionName = keyof Sections & string;
type ValueOf<S extends SectionName> = keyof NonNullable<Sections[S]> & string;
/** Every single value, as `section.value`. */
export type ValuePath = { [S in SectionName]: `${S}.${ValueOf<S>}` }[SectionName];

export interface Word {
  readonly name: string;
  readonly what: string;
  /** For each allowed word. */
  readonly choices?: Readonly<Record<string, string>>;
}

/** What the templates and the reference say of the policy in one language; a value without words does not compile. */
export interface PolicyWords {
  readonly language: 'de-DE' | 'en-US';
  readonly sections: Readonly<Record<PolicySection, Word>>;
  readonly values: Readonly<Record<ValuePath, Word>>;
  /** Fields of the entries of a section that is one list; a field without words does not compile. */
  readonly fields: {
    readonly accounts: Readonly<Record<keyof AccountTemplate, string>>;
    readonly signIn: Readonly<Record<keyof SignInClient, string>>;
  };
  readonly supported: string;
  readonly product: string;
  readonly json: string;
  readonly reference: {
    readonly title: string;
    readonly generated: string;
    readonly intro: readonly string[];
    readonly placesTitle: string;
    readonly places: readonly string[];
    readonly placesAfter: readonly string[];
    readonly columns: readonly [string, string, string];
    readonly number: (least: number, most: number) => string;
    readonly yesNo: string;
    readonly text: string;
    readonly list: string;
    readonly fieldsTitle: Readonly<Record<keyof PolicyWords['fields'], string>>;
    readonly attributesTitle: string;
    readonly attributes: readonly string[];
    readonly exampleTitle: string;
  };
}
