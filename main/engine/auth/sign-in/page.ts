import { createHash } from 'node:crypto';

export type PageLanguage = 'de' | 'en';
export type PageOutcome = 'done' | 'failed';

const STYLE =
  ':root{color-scheme:light dark}body{max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;font:17px/1.5 system-ui,sans-serif}h1{font-size:1.5rem}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const WORDS: Readonly<Record<PageLanguage, Readonly<Record<PageOutcome, readonly [string, string]>>>> = {
  de: {
    done: ['Die Anmeldung hat geklappt', 'Sie können dieses Fenster schließen und zu Holdover zurückkehren.'],
    failed: [
      'Die Anmeldung hat nicht geklappt',
      'Holdover zeigt den Grund. Sie können dieses Fenster schließen und es dort noch einmal versuchen.',
    ],
  },
  en: {
    done: ['You are signed in', 'You can close this window and go back to Holdover.'],
    failed: ['The sign-in did not work', 'Holdover shows the reason. You can close this window and try again there.'],
  },
};

/** Of every answer: nothing is loaded, run, framed, kept or told to others by what we show in a browser. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  connection: 'close',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What the browser shows in the end. Holds nothing of what came in. */
export function page(outcome: PageOutcome, language: PageLanguage): string {
  const [title, text] = WORDS[language][outcome];
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style><main><h1>${title}</h1><p>${text}</p></main></html>`;
}
