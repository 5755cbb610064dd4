export interface Job {
  readonly system: string;
  readonly target: string;
  readonly arch: string;
  readonly reason: string | null;
}
export function buildAll(
  jobs: readonly Job[],
  build: (jobs: readonly Job[]) => Promise<string[]>,
  note: (line: string) => void,
): Promise<{ made: { file: string; system: string }[]; failed: Map<Job, string> }>;
export function outcomeOf(judged: readonly Job[], failed: ReadonlyMap<Job, string>, remark: (job: Job) => string): string[];
