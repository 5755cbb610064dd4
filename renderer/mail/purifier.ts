import DOMPurify from 'dompurify';

/** One purifier for the life of the page: each new one would ask for a Trusted Types policy of a name that is taken. */
export const purify = DOMPurify(window);

const policy = window.trustedTypes?.createPolicy('holdover-mail', {
  createHTML: (html: string) => html,
  createScriptURL: (url: string) => {
    if (!url.startsWith(`${location.origin}/`)) throw new TypeError('not a file of the app');
    return url;
  },
});

const trusted = (html: string): TrustedHTML => (policy ? policy.createHTML(html) : (html as unknown as TrustedHTML));

/** Marks HTML as fit to be shown. Only for what a serialiser has just written of a cleaned tree: lint lets nothing else in. */
export const trustCleaned = (html: string): TrustedHTML => trusted(html);

/**
 * A document of its own made of HTML as it came: it has no window, so that nothing in it runs, loads or is drawn. Read by the rules of
 * the frame that shows mail, whatever document type the mail says it is: by others a paragraph would end elsewhere.
 */
export function parseInert(html: string | TrustedHTML): Document {
  return new DOMParser().parseFromString(trusted(`<!doctype html>${html}`) as unknown as string, 'text/html');
}

/** Marks the address of a script as one of the app's own files; any other throws. */
export function trustOwnScript(url: string): TrustedScriptURL {
  return policy ? policy.createScriptURL(url) : (url as unknown as TrustedScriptURL);
}
