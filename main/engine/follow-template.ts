import { isDeepStrictEqual } from 'node:util';
import type { Account, AccountConfig, AccountSecrets } from '../../shared/model/account.ts';
import { ownFieldsSchema, type AccountTemplateFields, type OwnFields } from '../../shared/model/account-template.ts';
import { heldRetention, type ContinuityPolicy } from '../../shared/model/continuity-config.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import { storeSecrets } from './account-parts.ts';
import type { SecretStore } from './secrets.ts';
import type { MetaStore } from './store/meta.ts';

export type Template = AccountTemplateFields;

/**
 * An account's configuration as its template says; null where it is so already. A name that the directory does not know is no reason to
 * lose the one there is. Pure.
 */
export function followed(config: AccountConfig, template: Template): AccountConfig | null {
  const next = { ...config, ...template, displayName: template.displayName || config.displayName };
  return isDeepStrictEqual(next, config) ? null : next;
}

/** A relay that is new takes the password of the primary, as it does at the enrolment of a person who gives no other. @throws keyring errors */
export async function lendSecret(secrets: SecretStore, { id, config: before }: Account, { relay }: AccountConfig): Promise<void> {
  if (before.relay !== null || relay?.imap.auth.type !== 'password' || (await secrets.get(id, 'relay', 'imap')) !== null) return;
  const secret = await secrets.get(id, 'primary', 'imap');
  if (secret?.type === 'password') await secrets.set(id, 'relay', 'imap', secret);
}

/** Goes with the account: store/accounts.ts removes it. */
const keyOf = (id: AccountId): string => `enrolment.${id}`;

/** What the enrolment file of an account said the last time; what every account begins with where there never was one. */
function lastGiven(meta: MetaStore, id: AccountId): OwnFields {
  const text = meta.get(keyOf(id));
  const known = text === null ? null : ownFieldsSchema.safeParse(JSON.parse(text));
  return known?.success ? known.data : ownFieldsSchema.parse({});
}

/** Each value that is another than the last time; all others are the person's. */
function changed<T extends object>(mine: T, before: T, now: T): T {
  const news = Object.entries(now).filter(([key, value]) => before[key as keyof T] !== value);
  return { ...mine, ...Object.fromEntries(news) };
}

const taken = (mine: OwnFields, before: OwnFields, now: OwnFields): OwnFields => ({
  retention: changed(mine.retention, before.retention, now.retention),
  continuity: changed(mine.continuity, before.continuity, now.continuity),
  signature: before.signature === now.signature ? mine.signature : now.signature,
});

/**
 * An account's configuration with what IT holds of it, and with what changed in its enrolment file since the last time: what the person
 * has set themselves stays where the file says what it always said.
 * @param own null where there is no such file
 */
export function held(meta: MetaStore, { id, config }: Account, managed: ContinuityPolicy, own: OwnFields | null): AccountConfig {
  const next = own === null ? config : { ...config, ...taken(config, lastGiven(meta, id), own) };
  return { ...next, managed, retention: { ...next.retention, ...heldRetention(managed) } };
}

/** Call once it is carried out: a run that is cut off before takes the same again. */
export function noteGiven(meta: MetaStore, id: AccountId, own: OwnFields): void {
  const text = JSON.stringify(own);
  if (meta.get(keyOf(id)) !== text) meta.set(keyOf(id), text);
}

/**
 * Keeps what an enrolment file gives for sides that have no secret yet, such as a relay that is new; what is there stays.
 * @returns whether there was such a side. @throws keyring errors
 */
export async function storeMissing(store: SecretStore, id: AccountId, given: AccountSecrets): Promise<boolean> {
  let isNew = false;
  for (const side of ['primary', 'relay'] as const) {
    if (!given[side] || (await store.get(id, side, 'imap')) !== null) continue;
    await storeSecrets(store, id, side, given);
    isNew = true;
  }
  return isNew;
}
