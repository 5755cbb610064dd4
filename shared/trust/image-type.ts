const SIGNATURES: readonly (readonly [type: string, bytes: readonly (number | null)[]])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/bmp', [0x42, 0x4d]],
];

/** Type of a picture by its first bytes, whatever it claims to be; null when it is none that is shown. */
export function imageTypeOf(content: Uint8Array): string | null {
  const fits = (bytes: readonly (number | null)[]) => bytes.every((byte, at) => byte === null || content[at] === byte);
  return SIGNATURES.find(([, bytes]) => content.length >= bytes.length && fits(bytes))?.[0] ?? null;
}
