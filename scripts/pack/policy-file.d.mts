export function layPolicy(file: string | null, outDir: string): Promise<void>;
