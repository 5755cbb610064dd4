import { isAtom, tokenItems, tokenText, type Token } from './imap-tokens.ts';
import type { SecondClient } from './second-client.ts';

/** One mail where a server really holds it. */
export interface CountedMail {
  readonly path: string;
  readonly uid: number;
  /** Sorted, without `\Recent`. */
  readonly flags: readonly string[];
  readonly subject: string;
}

const NO_SELECT = /^\\(noselect|nonexistent)$/iu;

function mailOf(path: string, items: readonly Token[]): CountedMail {
  const after = (name: string): Token | undefined => items[items.findIndex((one) => isAtom(one, name)) + 1];
  const header = items.find((one) => one.type === 'string');
  const flags = tokenItems(after('FLAGS')).map(tokenText);
  return {
    path,
    uid: Number(tokenText(after('UID'))),
    flags: flags.filter((flag) => flag.toLowerCase() !== '\\recent').sort(),
    subject: /^Subject: *(.*)$/imu.exec(header === undefined ? '' : tokenText(header))?.[1]?.trim() ?? '',
  };
}

/** Every mail of all mailboxes with its subject, read by a client that shares nothing with the product; nothing changes by it. */
export async function census(client: SecondClient): Promise<CountedMail[]> {
  const mails: CountedMail[] = [];
  for (const { path, attributes } of await client.list()) {
    if (attributes.some((one) => NO_SELECT.test(one))) continue;
    const { exists } = await client.select(path, { readOnly: true });
    if (exists === 0) continue;
    const { untagged } = await client.run('UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
    for (const tokens of untagged) if (isAtom(tokens[1], 'FETCH')) mails.push(mailOf(path, tokenItems(tokens[2])));
  }
  return mails;
}
