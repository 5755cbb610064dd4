import { hasSeveralTexts, readPartByPart, type ReadSkeleton } from './html-parts.ts';
import { looksWrong, mergeOpinions } from './second-opinion.ts';
import type { ReadMail } from './mailparser-reader.ts';
import type { ReadSource } from './message-reader.ts';
import { readOrdinary } from './ordinary-reader.ts';
import { readPlainly } from './plain-reader.ts';

export interface MailReading {
  readonly mail: ReadMail;
  /** Neither parser could read it; only what the plain reader found is there. */
  readonly hasFailed: boolean;
}

const mailparser = () => import('./mailparser-reader.ts');
const postalMime = () => import('./postal-mime-reader.ts');

/** Loads both parsers, which else the first mail that is out of the ordinary waits for: they are most of what reading loads. */
export async function loadParsers(): Promise<void> {
  await Promise.all([mailparser(), postalMime()]);
}

const withMailparser =
  (withTextInHtml: boolean): ReadSkeleton =>
  async (skeleton) =>
    (await mailparser()).readWithMailparser(skeleton, withTextInHtml);
const withPostalMime: ReadSkeleton = async (skeleton) => (await postalMime()).readWithPostalMime(skeleton);

/**
 * Reads a message: at once where it is an ordinary one, else its skeleton with mailparser; and asks postal-mime where the result looks wrong. Never throws.
 */
export async function readMail(source: ReadSource, withTextInHtml: boolean): Promise<MailReading> {
  const ordinary = readOrdinary(source);
  if (ordinary !== null) return { mail: ordinary, hasFailed: false };
  let mail: ReadMail;
  const isPartByPart = withTextInHtml && hasSeveralTexts(source);
  const readBy = (read: ReadSkeleton): Promise<ReadMail> => (isPartByPart ? readPartByPart(source, read) : read(source.skeleton()));
  const otherwise = (): Promise<ReadMail> => readBy(withPostalMime);
  try {
    mail = await readBy(withMailparser(withTextInHtml));
  } catch {
    // mailparser gave up: the second parser is asked, and its answer is all we have
    return readOtherwise(source, otherwise);
  }
  if (!looksWrong(source, mail)) return { mail, hasFailed: false };
  try {
    return { mail: mergeOpinions(mail, await otherwise(), readPlainly(source.fields)), hasFailed: false };
  } catch {
    // the second opinion is a bonus; without it the first one and the plain reading stand
    return { mail: mergeOpinions(mail, mail, readPlainly(source.fields)), hasFailed: false };
  }
}

async function readOtherwise(source: ReadSource, otherwise: () => Promise<ReadMail>): Promise<MailReading> {
  const plain = readPlainly(source.fields);
  try {
    return { mail: mergeOpinions(plain, await otherwise(), plain), hasFailed: false };
  } catch {
    // both parsers gave up: the caller reports `parse-failed`
    return { mail: plain, hasFailed: true };
  }
}
