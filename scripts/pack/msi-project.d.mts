export function addPolicyPath(project: string): string;
