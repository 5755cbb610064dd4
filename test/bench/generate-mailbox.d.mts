export interface BenchMail {
  readonly raw: Buffer;
  readonly internalDate: number;
  readonly flags: string[];
}

export declare function generateBenchMailbox(options: {
  seed: number;
  count: number;
  totalBytes?: number;
  isSmall?: boolean;
  now: number;
  days?: number;
}): Generator<BenchMail>;
