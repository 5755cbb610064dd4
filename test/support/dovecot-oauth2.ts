import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Configuration by which Dovecot takes access tokens (XOAUTH2, OAUTHBEARER) and asks their provider about each (RFC 7662).
 * @param introspectionUrl with the log-in of the mail server in it
 */
export function oauth2Login(introspectionUrl: string): { extraConfig: string; dispose: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'hd-oauth2-'));
  const file = join(dir, 'oauth2.conf');
  // Dovecot resolves localhost to ::1 first, where nobody listens.
  const url = introspectionUrl.replace('localhost', '127.0.0.1');
  const lines = [`introspection_url = ${url}`, 'introspection_mode = post', 'username_attribute = sub', 'username_format = %u'];
  writeFileSync(file, [...lines, 'active_attribute = active', 'active_value = true', 'debug = yes'].join('\n'), { mode: 0o644 });
  return {
    extraConfig: `auth_mechanisms = plain login xoauth2 oauthbearer\npassdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = ${file}\n}\n`,
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}
