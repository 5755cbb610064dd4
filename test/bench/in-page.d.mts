export function scrollAlong(ms: number): Promise<{ readonly gaps: number[]; readonly blankShare: number }>;
export function openNext(count: number): Promise<number[]>;
export function typeSearch(texts: readonly string[]): Promise<number[]>;
