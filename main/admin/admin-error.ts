/** What can go wrong at the administrator's desk; each has its remedy in remedies.ts. */
export type AdminErrorCode =
  | 'config-invalid'
  | 'config-unreadable'
  | 'directory-unreachable'
  | 'directory-untrusted'
  | 'directory-login-refused'
  | 'directory-refused'
  | 'directory-incomplete'
  | 'base-missing'
  | 'group-missing'
  | 'nobody-selected'
  | 'address-twice'
  | 'template-unfilled'
  | 'too-many-vanish'
  | 'state-damaged'
  | 'folder-unwritable'
  | 'reports-unreadable'
  | 'enrolment-missing'
  | 'page-unwritable';

/** Ends a command with nothing written. `detail` names the thing at fault and never holds a secret. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: AdminErrorCode;
  readonly detail: string;

  constructor(code: AdminErrorCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, { cause });
    this.code = code;
    this.detail = detail;
  }
}
