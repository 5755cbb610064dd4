import DOMPurify from 'dompurify';

/** One purifier for the life of the page: each new one would ask for a Trusted Types policy of a name that is taken. */
export const purify = DOMPurify(window);

const policy = window.trustedTypes?.createPolicy('holdover-mail', { createHTML: (html: string) => html });

/** Marks HTML as fit to be parsed. Only for what the purifier has just cleaned, and frames of our own around it. */
export function trustCleaned(html: string): TrustedHTML {
  return policy ? policy.createHTML(html) : (html as unknown as TrustedHTML);
}
