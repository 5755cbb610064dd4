/** First client message of XOAUTH2 and of OAUTHBEARER (RFC 7628 3.1). */
export function tokenMessage(mechanism: string, of: { user: string; host: string; port: number; accessToken: string }): string {
  const bearer = `auth=Bearer ${of.accessToken}\u0001\u0001`;
  if (mechanism === 'XOAUTH2') return `user=${of.user}\u0001${bearer}`;
  const user = of.user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return `n,a=${user},\u0001host=${of.host}\u0001port=${of.port}\u0001${bearer}`;
}

interface TokenContext {
  readonly auth: { readonly credentials: { readonly options?: Record<string, string> | undefined } };
  /** `response`: the reply as it came, its lines parted by LF. */
  sendCommand(command: string): Promise<{ readonly response: string }>;
}

/** Logs in with the message of `tokenMessage`. nodemailer adds the server's last reply to what this throws. */
export async function sendToken(context: TokenContext): Promise<void> {
  const { mechanism = '', initial = '' } = context.auth.credentials.options ?? {};
  const said = async (command: string): Promise<string> => codeOf(await context.sendCommand(command));
  let code = await said(`AUTH ${mechanism} ${initial}`);
  // 334 carries the reason of a refusal; the refusal itself follows the client's answer (RFC 7628 3.2.3).
  if (code === '334') code = await said(mechanism === 'XOAUTH2' ? '' : 'AQ==');
  if (code !== '235') throw new Error('token refused');
}

/** nodemailer's own reading knows neither a reply of several lines nor one without text. */
const codeOf = ({ response }: { readonly response: string }): string => response.slice(0, 3);
