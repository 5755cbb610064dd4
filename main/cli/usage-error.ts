/** The command was called wrongly: told with its line of help, exit code 2, and nothing was opened or done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
