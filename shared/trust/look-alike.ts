import { baseDomain, ownLabel } from './base-domain.ts';

/**
 * Letters of other scripts (and rare ones of ours) that are drawn like Latin letters or digits, after Unicode's UTS 39: the letter, then
 * what looks like it.
 */
const DRAWN_LIKE: Readonly<Record<string, string>> = {
  a: 'аαɑạаӑӓ',
  b: 'ƅьЬɓβв',
  c: 'сϲⅽƈҫ',
  d: 'ԁɗⅾ',
  e: 'еєҽẹӗё',
  f: 'ƒſ',
  g: 'ɡɢցǥ',
  h: 'һհḥҥн',
  i: 'іιıɩɪӏїịꙇ',
  j: 'јʝϳ',
  k: 'κкķƙҝқ',
  m: 'мⅿṃ',
  n: 'пηոņńπ',
  o: 'оοσօọө0ӧơ',
  p: 'рρҏƿ',
  q: 'ԛգ',
  r: 'гʀѓґ',
  s: 'ѕʂṣ',
  t: 'тτţṭ',
  u: 'υսʋụцџ',
  v: 'νѵⅴѷ',
  w: 'ԝωшѡաⱳ',
  x: 'хχⅹҳ',
  y: 'уүγỵўӯ',
  z: 'ʐẓ',
};
const LIKE = new Map(Object.entries(DRAWN_LIKE).flatMap(([latin, others]) => [...others].map((one) => [one, latin] as const)));
/** Latin letters of no living spelling but phonetics: in a host name only to deceive. */
const RARE_LATIN = /[\u0180-\u024f\u0250-\u02af\u1d00-\u1dbf\u2c60-\u2c7f\ua720-\ua7ff]/u;
const RARE_BUT_SPELT = /[\u0192\u01a0\u01a1\u01af\u01b0\u0218-\u021b]/u;

/** The text in Latin letters: small, without marks, letters of other scripts replaced by those they are drawn like. */
export function latinOf(text: string): string {
  const bare = text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return [...bare].map((letter) => LIKE.get(letter) ?? letter).join('');
}

/** What a text looks like: one string for all texts that a reader would take for each other. */
export function looksOf(text: string): string {
  const one = latinOf(text).replaceAll(/[1l|]/gu, 'i').replaceAll('0', 'o');
  return one.replaceAll('rn', 'm').replaceAll('vv', 'w').replaceAll('ci', 'd');
}

const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Hebrew', 'Arabic', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Cherokee'];
const OF_SCRIPT = SCRIPTS.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);
const EAST_ASIAN = new Set(['Latin', 'Han', 'Hiragana', 'Katakana', 'Hangul']);

/** Names of the scripts in which letters of the text are written. */
export function scriptsOf(text: string): string[] {
  const known = OF_SCRIPT.filter(([, letter]) => letter.test(text)).map(([name]) => name);
  const hasOther = [...text].some((one) => /\p{L}/u.test(one) && !OF_SCRIPT.some(([, letter]) => letter.test(one)));
  return hasOther ? [...known, 'other'] : known;
}

/** Letters of several scripts within one word, as no language writes them. */
export function mixesScripts(word: string): boolean {
  const scripts = scriptsOf(word);
  return scripts.length > 1 && !scripts.every((one) => EAST_ASIAN.has(one));
}

/**
 * A word of another script all of whose letters are drawn like Latin ones, or one with letters that no language spells. The ending of the
 * host tells a Russian or Greek name from one that is written to look English.
 */
export function passesForLatin(label: string, ending: string): boolean {
  if ([...label].some((one) => RARE_LATIN.test(one) && !RARE_BUT_SPELT.test(one))) return true;
  if (label.includes('ı') && ending !== 'tr' && ending !== 'az') return true;
  const scripts = scriptsOf(label);
  const isOther = scripts.length === 1 && scripts[0] !== 'Latin' && !EAST_ASIAN.has(scripts[0] ?? '');
  if (!isOther || scripts[0] === scriptsOf(ending)[0]) return false;
  return [...label].every((one) => !/\p{L}/u.test(one) || LIKE.has(one));
}

const LEAST_LENGTH = 5;

/** Names that deception most often borrows. */
const BORROWED = new Set(
  (
    'adobe amazon apple commerzbank deutschebank deutschepost docusign dropbox ebay facebook google icloud instagram linkedin microsoft ' +
    'microsoftonline netflix office outlook paypal postbank sharepoint sparkasse targobank telekom volksbank whatsapp'
  ).split(' '),
);

/** The name that everybody knows and that a host borrows the looks of, without being it; null where it borrows none. In Unicode. */
export function borrowedName(host: string): string | null {
  const label = ownLabel(host).toLowerCase();
  return BORROWED.has(label) ? null : ([...BORROWED].find((known) => isLikeLabel(label, known)) ?? null);
}

function isLikeLabel(label: string, known: string): boolean {
  if (label === known) return false;
  if (looksOf(label) === looksOf(known)) return true;
  return known.length >= LEAST_LENGTH + 1 && /[^a-z-]/u.test(label) && editDistance(looksOf(label), looksOf(known)) === 1;
}

/**
 * The known domain that another one is made to look like: letters drawn alike, or one letter changed, added, left out or swapped. Null
 * where there is none, or the domain is itself known. All in Unicode.
 */
export function lookAlikeOf(domain: string, known: readonly string[]): string | null {
  const own = baseDomain(domain);
  const bases = new Set(known.map(baseDomain));
  if (own === '' || bases.has(own)) return null;
  const looks = looksOf(own);
  const label = ownLabel(own);
  for (const base of bases) {
    if (looksOf(base) === looks) return base;
    const theirs = ownLabel(base);
    const isLong = Math.min(label.length, theirs.length) >= LEAST_LENGTH;
    if (isLong && label !== theirs && editDistance(looksOf(label), looksOf(theirs)) <= 1) return base;
  }
  return null;
}

/** Changes of one letter, with neighbours swapped as one (Damerau); stops counting at 2. */
export function editDistance(a: string, b: string): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > 1) return 2;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const restA = a.slice(from);
  const restB = b.slice(from);
  const isChanged = restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
  const isSwapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return isChanged || isSwapped ? 1 : 2;
}
