/** Stops at once when a condition that the code relies on does not hold. The message must not carry mail content. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

/** Makes the compiler prove that a union was handled completely. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value of type ${typeof value}`);
}
