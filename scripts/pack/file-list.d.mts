export type Listed = [name: string, sha256: string];
export const LISTS: { readonly files: string; readonly archive: string };
export function filesBeside(resourcesDir: string): Listed[];
export function filesInside(archive: string): Listed[];
export function strayFiles(beside: Listed[], inside: Listed[]): string[];
export function listText(files: Listed[]): string;
