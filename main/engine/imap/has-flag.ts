/** Whether a list of flags as a server sends them holds this one, given in lower case: system flags and keywords know no case. */
export const hasFlag = (flags: readonly string[], flag: string): boolean => flags.some((one) => one.toLowerCase() === flag);
