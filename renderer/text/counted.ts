import { isPlain } from './formats.ts';
import { lazily } from './lazily.ts';

/**
 * Chooses the word for a whole number and puts the number, written locally, for `#`. English and German have one rule (CLDR):
 * `one` for 1, `other` for all else.
 */
export function counted(locale: 'de' | 'en'): (count: number, one: string, other: string) => string {
  const digits = lazily(() => new Intl.NumberFormat(locale));
  const written = (count: number) => (isPlain(count) ? String(count) : digits().format(count));
  return (count, one, other) => (count === 1 ? one : other).replace('#', written(count));
}
