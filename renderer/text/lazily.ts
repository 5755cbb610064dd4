/** Makes something at its first use. A formatter of `Intl` costs about a millisecond, and the first view needs few of them. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
