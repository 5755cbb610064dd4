export const FEED_CONTEXT: string;
export interface Made {
  readonly file: string;
  readonly system: string;
  readonly arch: string;
  readonly version: string;
  readonly releasedAt: Date;
  readonly stagingPercentage?: number;
}
export function layUpdateKey(keyFile: string | null, outDir: string): void;
export function feedFor(made: Made, keyFile: string): { name: string; text: string; signature: string };
