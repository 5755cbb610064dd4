/** A log entry: an event name, ids and figures. Never an address, subject, body, server text or secret. */
export interface LogEntry {
  readonly ev: string;
  readonly [field: string]: string | number | boolean | null | undefined;
}

export interface Log {
  debug(entry: LogEntry): void;
  info(entry: LogEntry): void;
  warn(entry: LogEntry): void;
  error(entry: LogEntry): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
