/** First client message of XOAUTH2 and of OAUTHBEARER (RFC 7628 3.1). */
export function tokenMessage(mechanism: string, of: { user: string; host: string; port: number; accessToken: string }): string {
  const bearer = `auth=Bearer ${of.accessToken}\u0001\u0001`;
  if (mechanism === 'XOAUTH2') return `user=${of.user}\u0001${bearer}`;
  const user = of.user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return `n,a=${user},\u0001host=${of.host}\u0001port=${of.port}\u0001${bearer}`;
}

interface TokenContext {
  readonly auth: { readonly credentials: { readonly options?: Record<string, string> | undefined } };
  sendCommand(command: string): Promise<{ readonly status: number }>;
}

/** Logs in with the message of `tokenMessage`. nodemailer adds the server's last reply to what this throws. */
export async function sendToken(context: TokenContext): Promise<void> {
  const { mechanism = '', initial = '' } = context.auth.credentials.options ?? {};
  let { status } = await context.sendCommand(`AUTH ${mechanism} ${initial}`);
  // 334 carries the reason of a refusal; the refusal itself follows the client's answer (RFC 7628 3.2.3).
  if (status === 334) ({ status } = await context.sendCommand(mechanism === 'XOAUTH2' ? '' : 'AQ=='));
  if (status !== 235) throw new Error('token refused');
}
