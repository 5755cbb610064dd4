import type { Protection } from '../../../shared/model/message.ts';
import type { Part } from '../mime/part.ts';
import type { FoundAttachment } from './attachment-list.ts';
import type { ReadSource } from './message-reader.ts';

const CMS_TYPES = new Set(['application/pkcs7-mime', 'application/x-pkcs7-mime']);
/** Of an S/MIME part that does not say what it is, its first bytes do. */
const SNIFFED_BYTES = 64;
/** Object identifier 1.2.840.113549.1.7 (RFC 5652); the next byte is 2 for signed, 3 for enveloped data. */
const CMS_CONTENT = Buffer.from('06092a864886f70d0107', 'hex');
const INLINE_PGP = /^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----\s*$/mu;

/** Whether a part is one of S/MIME (RFC 8551): its content decides where its type does not say. */
export const isCms = (part: Part): boolean => CMS_TYPES.has(part.type);

/** The signature or encryption that a mail bears. By its form alone: nothing is checked, nothing decrypted. Pure. */
export function protectionOf(source: ReadSource, text: string): Protection | null {
  const leaves = [...source.texts.map(({ part }) => part), ...source.attachments.map(({ part }) => part)];
  for (const leaf of leaves) {
    for (let part: Part | null = leaf; part !== null; part = part.parent) {
      const found = bySecurityMultipart(part);
      if (found) return { ...found, isPartial: part.parent !== null };
    }
  }
  const opaque = source.attachments.find(({ part }) => isCms(part));
  if (opaque) {
    const kind = cmsKind(opaque);
    if (kind !== null) return { kind, by: 'smime', isOpaque: true, isPartial: opaque.part.parent !== null };
  }
  const inline = INLINE_PGP.exec(text);
  if (!inline) return null;
  const kind = inline[1] === 'MESSAGE' ? 'encrypted' : 'signed';
  return { kind, by: 'pgp', isOpaque: false, isPartial: text.slice(0, inline.index).trim() !== '' };
}

/** RFC 1847. */
function bySecurityMultipart(part: Part): Omit<Protection, 'isPartial'> | null {
  const protocol = (part.params.get('protocol') ?? '').toLowerCase();
  const by = protocol.includes('pgp') ? 'pgp' : 'smime';
  if (part.type === 'multipart/signed') return { kind: 'signed', by, isOpaque: false };
  if (part.type === 'multipart/encrypted') return { kind: 'encrypted', by, isOpaque: true };
  return null;
}

function cmsKind({ part, content }: FoundAttachment): Protection['kind'] | null {
  const said = (part.params.get('smime-type') ?? '').toLowerCase();
  if (said === 'signed-data') return 'signed';
  if (said === 'enveloped-data' || said === 'authenveloped-data') return 'encrypted';
  if (said === 'certs-only' || said === 'compressed-data') return null;
  const head = content?.subarray(0, SNIFFED_BYTES);
  const at = head?.indexOf(CMS_CONTENT) ?? -1;
  const type = at < 0 ? undefined : head?.[at + CMS_CONTENT.length];
  if (type === 2) return 'signed';
  // A file that names no kind is, by the name it usually bears (RFC 8551 3.2.1), one that was encrypted.
  return type === 3 || type === 23 || /\.p7m$/iu.test(part.dispositionParams.get('filename') ?? part.params.get('name') ?? '')
    ? 'encrypted'
    : null;
}
