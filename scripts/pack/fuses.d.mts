export const wantedFuses: Readonly<Record<string, boolean>>;
/** null: the runtime does not have it. */
export function readFuses(executable: string): Promise<Record<string, boolean | null>>;
export function setFuses(executable: string): Promise<Record<string, boolean | null>>;
