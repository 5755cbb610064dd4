/** Properties that mail programs agree on and that can neither load anything nor leave their place. */
const KEPT =
  /^(?:color|background-color|font|font-(?:family|size|style|variant|weight)|text-(?:align|decoration|indent|transform)|line-height|letter-spacing|vertical-align|white-space|list-style-type|direction|width|max-width|min-width|height|(?:margin|padding)(?:-(?:top|right|bottom|left))?|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|border-(?:collapse|spacing|radius))$/;
/** Anything in a value that could load, run or hide what follows. */
const DANGER = /url|image|expression|[@\\<>{}"]|javascript|\/\*|!\s*ie/i;
const MAX_DECLARATIONS = 60;

/** Declarations of a style attribute, names in lower case, values trimmed. */
export function declarations(style: string): [name: string, value: string][] {
  return style
    .split(';', MAX_DECLARATIONS)
    .map((one) => [one.slice(0, one.indexOf(':')).trim().toLowerCase(), one.slice(one.indexOf(':') + 1).trim()] as [string, string])
    .filter(([name, value]) => name !== '' && value !== '');
}

/** The harmless part of a style attribute; empty when nothing is left. */
export function cleanStyle(style: string): string {
  const kept = declarations(style).filter(([name, value]) => KEPT.test(name) && !DANGER.test(value) && value.length <= 200);
  return kept.map(([name, value]) => `${name}: ${value}`).join('; ');
}

const WHITE = /^(?:white|#fff(?:fff)?(?:ff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*1(?:\.0+)?\s*)?\))$/i;
const bare = (value: string): string =>
  value
    .replace(/!\s*important$/i, '')
    .trim()
    .toLowerCase();
const isZero = (value: string): boolean => /^[+-]?0*\.?0*(?:[a-z%]*)$/.test(value) && /0/.test(value);
/** So small or so far away that nobody reads it. */
const isTiny = (value: string): boolean => isZero(value) || /^0*(?:1|0?\.\d+)(?:px|pt)$/.test(value);
const isFarAway = (value: string): boolean => /^-\d{3,}(?:\.\d+)?(?:px|pt|em|rem|%)?$/.test(value) || /^-\d{2,}(?:em|rem)$/.test(value);

/**
 * Whether a style hides its element from the reader of a mail. What could not be seen must not turn up in a quotation: its writer
 * would be made to repeat it.
 */
export function isHidden(style: string, hasBackground: boolean): boolean {
  const map = new Map(declarations(style).map(([name, value]) => [name, bare(value)]));
  const get = (name: string): string => map.get(name) ?? '';
  if (get('display') === 'none' || /^(?:hidden|collapse)$/.test(get('visibility')) || get('content-visibility') === 'hidden') return true;
  if (isZero(get('opacity')) || isTiny(get('font-size')) || /^0[a-z%]*(?:\s|\/|$)|\s0(?:px|pt|em)?[\s/]/.test(get('font'))) return true;
  if (/opacity\(\s*0/.test(get('filter')) || /scale[xy]?\(\s*0\s*[,)]/.test(get('transform')) || map.has('clip-path')) return true;
  const isClipped = /hidden|clip/.test(get('overflow') + get('overflow-x') + get('overflow-y'));
  const sizes = ['height', 'max-height', 'width', 'max-width'].map(get);
  if (isClipped && sizes.some(isTiny)) return true;
  if (['text-indent', 'margin-left', 'margin-top'].map(get).some(isFarAway)) return true;
  return isInvisibleColour(get('color'), get('background-color') || get('background'), hasBackground);
}

function isInvisibleColour(colour: string, background: string, hasBackground: boolean): boolean {
  if (colour === '') return false;
  if (colour === 'transparent' || /^rgba\([^)]*,\s*0(?:\.0+)?\s*\)$/.test(colour) || /^#[0-9a-f]{3}0$|^#[0-9a-f]{6}00$/.test(colour))
    return true;
  if (background !== '') return background === colour;
  return !hasBackground && WHITE.test(colour);
}

/** Whether a style paints a ground below its text. */
export const paintsBackground = (style: string): boolean =>
  declarations(style).some(([name]) => name === 'background' || name === 'background-color');
