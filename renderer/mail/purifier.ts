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

/** Marks HTML as fit to be parsed. Only for what the purifier has just cleaned, and frames of our own around it. */
export function trustCleaned(html: string): TrustedHTML {
  return policy ? policy.createHTML(html) : (html as unknown as TrustedHTML);
}

/** A document of its own made of HTML as it came: it has no window, so that nothing in it runs, loads or is drawn. */
export function parseInert(html: string): Document {
  return new DOMParser().parseFromString(trustCleaned(html) as unknown as string, 'text/html');
}

/** Marks the address of a script as one of the app's own files; any other throws. */
export function trustOwnScript(url: string): TrustedScriptURL {
  return policy ? policy.createScriptURL(url) : (url as unknown as TrustedScriptURL);
}
