import type { Endpoint, Side } from '../../../shared/model/account.ts';
import type { Credentials } from '../imap/gateway.ts';

/** Steps of reaching a submission server, in their order; `tls` is absent for plain loopback connections. */
export type SmtpStep = 'resolve' | 'connect' | 'tls' | 'login' | 'submission';

export interface SmtpGateway {
  /**
   * Connects, protects, logs in and asks the server for a fresh transaction (RSET), without submitting anything.
   * `onStep` is told as each step succeeds. The certificate is verified before credentials are sent; a server without the
   * forced STARTTLS is refused (`tls-not-offered`).
   *
   * @throws MailError with scope `connection` or `account`; the signal's reason when it is a MailError, else `cancelled`.
   */
  verify(
    endpoint: Endpoint,
    credentials: Credentials,
    options: { side: Side; signal?: AbortSignal; onStep?: (step: SmtpStep) => void },
  ): Promise<void>;
}
