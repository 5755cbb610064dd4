export interface NativeTarget {
  readonly platform: string;
  readonly archs: string[];
}
export function targetOf(file: string): NativeTarget | null;
export function nativesBelow(folder: string): string[];
export function wrongNatives(unpackedDir: string, target: { readonly platform: string; readonly arch: string }): string[];
