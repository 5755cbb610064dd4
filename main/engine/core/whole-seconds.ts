/** Mail headers and servers keep times in whole seconds. Milliseconds since 1970, in and out. */
export const wholeSeconds = (at: number): number => Math.floor(at / 1000) * 1000;
