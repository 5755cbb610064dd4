import { createHash } from 'node:crypto';
import type { AnswerValue } from './answer-reader.ts';

/** What a BODYSTRUCTURE says that we use. */
export interface StructureFacts {
  readonly hasAttachments: boolean;
  /** SHA-256 (hex) of tree, media types, transfer encodings and sizes: what servers agree on for the same bytes. */
  readonly digest: string;
}

/** Signatures and the like: attached by a program, not by a person. */
const NO_ATTACHMENT = new Set([
  'application/pgp-signature',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
  'application/pgp-encrypted',
  'message/delivery-status',
  'message/disposition-notification',
  'message/feedback-report',
  'text/rfc822-headers',
  'text/calendar',
]);

/** Places of the fields in body-type-1part (RFC 9051 9). */
const TYPE = 0;
const SUBTYPE = 1;
const PARAMS = 2;
const CONTENT_ID = 3;
const ENCODING = 5;
const SIZE = 6;
const MESSAGE_BODY = 8;

type Node = readonly AnswerValue[];

const isNode = (value: AnswerValue | undefined): value is Node => Array.isArray(value);

function word(value: AnswerValue | undefined): string {
  if (typeof value === 'string') return value.toLowerCase();
  return Buffer.isBuffer(value) ? value.toString('latin1', 0, 200).toLowerCase() : '';
}

/** `("name" value ...)`: true when one of these names is there. */
function hasParam(params: AnswerValue | undefined, names: readonly string[]): boolean {
  if (!isNode(params)) return false;
  for (let i = 0; i + 1 < params.length; i += 2) {
    const name = word(params[i]).replace(/\*.*$/, '');
    if (names.includes(name)) return true;
  }
  return false;
}

/** Disposition of a part: after MD5, whose place depends on the kind of part. Found by its shape. */
function dispositionOf(node: Node, from: number): { value: string; isNamed: boolean } {
  for (let i = from; i < node.length; i += 1) {
    const field = node[i];
    if (
      isNode(field) &&
      typeof field[0] === 'string' &&
      /^(attachment|inline|[a-z-]+)$/i.test(field[0]) &&
      (isNode(field[1]) || field[1] === null) &&
      field.length === 2
    ) {
      return { value: field[0].toLowerCase(), isNamed: hasParam(field[1], ['filename']) };
    }
  }
  return { value: '', isNamed: false };
}

class StructureWalk {
  hasAttachments = false;
  readonly #parts: string[] = [];

  get text(): string {
    return this.#parts.join('');
  }

  visit(node: Node, parent: string): void {
    if (isNode(node[0])) this.#multipart(node);
    else this.#leaf(node, parent);
  }

  #multipart(node: Node): void {
    const count = node.findIndex((child) => !isNode(child));
    const children = count < 0 ? node : node.slice(0, count);
    const subtype = word(node[children.length]);
    this.#parts.push('(');
    for (const child of children) if (isNode(child)) this.visit(child, subtype);
    this.#parts.push(`)${subtype};`);
  }

  #leaf(node: Node, parent: string): void {
    const type = `${word(node[TYPE])}/${word(node[SUBTYPE])}`;
    // Servers say 7bit where the field is missing, or nothing.
    const encoding = word(node[ENCODING]) || '7bit';
    this.#parts.push(type, ' ', encoding, ' ', word(node[SIZE]), ';');
    const isMessage = type === 'message/rfc822' || type === 'message/global';
    const inner = isMessage ? node[MESSAGE_BODY] : undefined;
    const before = this.hasAttachments;
    if (isNode(inner)) this.visit(inner, 'message');
    this.hasAttachments = before || this.#isAttachment(node, type, isMessage, parent);
  }

  #isAttachment(node: Node, type: string, isMessage: boolean, parent: string): boolean {
    if (NO_ATTACHMENT.has(type)) return false;
    if (isMessage) return parent !== 'report';
    const disposition = dispositionOf(node, SIZE + 1);
    if (disposition.value === 'attachment') return true;
    const isNamed = disposition.isNamed || hasParam(node[PARAMS], ['name']);
    const isReferred = parent === 'related' && node[CONTENT_ID] !== null && type.startsWith('image/');
    if (isReferred) return false;
    return type.startsWith('text/') ? isNamed && disposition.value !== 'inline' : true;
  }
}

/** Reads a BODYSTRUCTURE; one that is broken or was not sent counts as without attachments and equal to nothing else. */
export function structureFacts(structure: AnswerValue | undefined, fallback: string): StructureFacts {
  if (!isNode(structure)) return { hasAttachments: false, digest: digestOf(`unreadable ${fallback}`) };
  const walk = new StructureWalk();
  walk.visit(structure, '');
  return { hasAttachments: walk.hasAttachments, digest: digestOf(walk.text) };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
