import { randomBytes } from 'node:crypto';
import type { ReadMail } from './mailparser-reader.ts';
import type { ReadSource } from './message-reader.ts';
import { buildSkeleton, type TextPart } from './skeleton.ts';

const isHtml = ({ part }: TextPart): boolean => part.type === 'text/html';
/** What mailparser puts between parts. */
const JOINT = '(?:<br/>\\n)?';

/** Reads a mail, given its skeleton. */
export type ReadSkeleton = (skeleton: Buffer) => Promise<ReadMail>;

/** Whether HTML of this mail stands beside other text that is shown along with it. */
export const hasSeveralTexts = ({ texts }: ReadSource): boolean => texts.length > 1 && texts.some(isHtml);

/**
 * Reads a mail with its HTML part by part. A parser would join the parts into one text, in which a quotation mark that one leaves open
 * swallows the next. So it is given a mark in the place of each, which no sender can guess, and each is decoded alone.
 */
export async function readPartByPart(source: ReadSource, read: ReadSkeleton): Promise<ReadMail & { htmlParts: readonly string[] }> {
  const mark = `holdover-${randomBytes(12).toString('hex')}-`;
  const htmls = source.texts.filter(isHtml);
  const marked = source.texts.map((one) => (isHtml(one) ? { ...one, content: [Buffer.from(`${mark}${htmls.indexOf(one)}.`)] } : one));
  const mail = await read(buildSkeleton(source.fields, marked));
  const pieces = mail.html.split(new RegExp(`${JOINT}${mark}(\\d+)\\.\\n?${JOINT}`, 'u'));
  const parts: string[] = [];
  // Every other piece is the number of a mark.
  for (const [n, piece] of pieces.entries()) {
    const one = n % 2 === 1 ? htmls[Number(piece)] : undefined;
    parts.push(one === undefined ? piece : (await read(buildSkeleton([], [one]))).html);
  }
  return { ...mail, html: parts.join(''), htmlParts: parts };
}
