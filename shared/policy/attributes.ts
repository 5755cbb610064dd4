/** What is known of the person who is signed in, as the directory calls it. */
export const attributeNames = ['mail', 'userPrincipalName', 'samAccountName', 'displayName', 'domain'] as const;
export type AttributeName = (typeof attributeNames)[number];
/** What is not known is left out. */
export type UserAttributes = Readonly<Partial<Record<AttributeName, string>>> & { readonly proxyAddresses?: readonly string[] };

/** Further addresses of the person; an entry of an account's `aliases` may be this one and nothing else, and stands for all of them. */
export const PROXY_ADDRESSES = '{proxyAddresses}';

/** A place in a template for one of them. */
export const ATTRIBUTE = /\{([^{}]*)\}/g;
