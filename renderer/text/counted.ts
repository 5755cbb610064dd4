/** Chooses the word for a number by the rules of the language (CLDR) and puts the number, written locally, for `#`. */
export function counted(locale: string): (count: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(locale);
  const digits = new Intl.NumberFormat(locale);
  return (count, one, other) => (rules.select(count) === 'one' ? one : other).replace('#', digits.format(count));
}
