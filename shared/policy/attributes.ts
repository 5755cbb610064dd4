/** What is known of the person who is signed in, as the directory calls it. */
export const attributeNames = ['mail', 'userPrincipalName', 'samAccountName', 'displayName', 'domain'] as const;
export type AttributeName = (typeof attributeNames)[number];
export type UserAttributes = Readonly<Partial<Record<AttributeName, string>>>;

/** A place in a template for one of them. */
export const ATTRIBUTE = /\{([^{}]*)\}/g;
