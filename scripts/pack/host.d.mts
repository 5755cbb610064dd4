export interface Wanted {
  readonly system: string;
  readonly target: string;
  readonly arch: string;
}
export function whyNot(
  wanted: Wanted,
  has: { readonly runtime: { readonly arch: string; readonly canFetch: boolean }; readonly isStandIn?: boolean },
): string | null;
