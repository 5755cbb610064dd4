import { MailParser, type AddressObject, type AttachmentStream, type MessageText } from 'mailparser';
import { limits } from '../../../shared/limits.ts';
import type { Address } from '../../../shared/model/message.ts';
import { flattenAddresses } from './flatten-addresses.ts';

/** What mailparser makes of a skeleton. */
export interface ReadMail {
  readonly subject: string;
  readonly from: readonly Address[];
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly text: string;
  readonly html: string;
  /** The HTML part by part, where it is of several; `html` counts only without. */
  readonly htmlParts?: readonly string[];
}

/**
 * Options chosen by profile: everything that makes HTML of text or text of HTML, links or checksums is off, since the list
 * and the index need none of it and the reading pane only the first.
 */
const baseOptions = {
  skipHtmlToText: true,
  skipTextLinks: true,
  skipImageLinks: true,
  checksumAlgo: false,
  ignoreEmbedded: true,
  maxHeadSize: 2 * limits.maxHeaderBytes,
  maxChildNodes: limits.maxMimeParts + 1,
} as const;

/** Parses a skeleton. `withTextInHtml`: plain parts beside HTML ones are put into the HTML, as the reading pane wants it. */
export function readWithMailparser(skeleton: Buffer, withTextInHtml: boolean): Promise<ReadMail> {
  return new Promise((resolve, reject) => {
    const parser = new MailParser({ ...baseOptions, skipTextToHtml: !withTextInHtml });
    let headers = new Map<string, unknown>();
    let text = '';
    let html = '';
    parser.on('error', reject);
    parser.on('headers', (read: Map<string, unknown>) => (headers = read));
    parser.on('data', (item: AttachmentStream | MessageText) => {
      if (item.type !== 'text') return;
      text = item.text ?? '';
      html = item.html ?? '';
    });
    parser.on('end', () => resolve({ ...people(headers), subject: stringOf(headers.get('subject')), text, html }));
    parser.end(skeleton);
  });
}

function people(headers: Map<string, unknown>): Pick<ReadMail, 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc'> {
  const list = (name: string) => {
    const value = headers.get(name) as AddressObject | AddressObject[] | undefined;
    return flattenAddresses([value ?? []].flat().flatMap((one) => one.value));
  };
  return { from: list('from'), sender: list('sender'), replyTo: list('reply-to'), to: list('to'), cc: list('cc'), bcc: list('bcc') };
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
