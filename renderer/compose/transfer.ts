/** Files of a paste or drop. */
export function filesOf(transfer: { readonly files: ArrayLike<File> }): File[] {
  return Array.from(transfer.files);
}

const PICTURES = /^image\/(?:png|jpe?g|gif|webp)$/u;

/** Whether it can be shown in the text of a mail. */
export function isPicture(file: { readonly type: string }): boolean {
  return PICTURES.test(file.type);
}

/** Bytes of a `data:` address of a picture; null for anything else. */
export function imageData(source: string): Blob | null {
  const found = /^data:(image\/(?:png|jpe?g|gif|webp));base64,([A-Za-z0-9+/=\s]+)$/iu.exec(source);
  if (!found) return null;
  try {
    const binary = atob(found[2] ?? '');
    return new Blob([Uint8Array.from(binary, (char) => char.charCodeAt(0))], { type: (found[1] ?? '').toLowerCase() });
  } catch {
    return null; // no base64 after all
  }
}
