import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { isLoopbackHost, type Security } from '../../../shared/model/account.ts';
import type { DiscoveredEndpoint } from '../../../shared/model/discovery.ts';
import { isHostName } from './host-name.ts';

type Source = DiscoveredEndpoint['source'];

/** Endpoints named by one autoconfiguration file, in its own order, which is the provider's preference. */
export interface AutoconfigResult {
  readonly imap: DiscoveredEndpoint[];
  readonly smtp: DiscoveredEndpoint[];
}

const MAX_SERVERS = 20;
// eslint-disable-next-line no-control-regex -- a user name with control characters could end a protocol line
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;
const SECURITIES: Readonly<Record<string, Security>> = { SSL: 'tls', TLS: 'tls', STARTTLS: 'starttls', plain: 'plain' };

/**
 * Reads Mozilla's mail autoconfiguration format (config-v1.1.xml). Only IMAP and SMTP servers that protect the
 * connection are taken; document types and entities are refused.
 *
 * @throws Error when the text is no such file.
 */
export function parseAutoconfig(xml: string, email: string, source: Source): AutoconfigResult {
  if (xml.includes('<!')) throw new Error('declarations are not accepted');
  const root = parseXml(xml).root;
  if (root?.name !== 'clientConfig') throw new Error('not an autoconfiguration file');
  const providers = childElements(root, 'emailProvider');
  const servers = (name: string, type: string) =>
    providers
      .flatMap((provider) => childElements(provider, name))
      .filter((server) => server.attributes['type']?.toLowerCase() === type)
      .slice(0, MAX_SERVERS)
      .flatMap((server) => readServer(server, email, source) ?? []);
  return { imap: servers('incomingServer', 'imap'), smtp: servers('outgoingServer', 'smtp') };
}

function childElements(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name);
}

function childText(parent: XmlElement, name: string): string {
  return childElements(parent, name)[0]?.text.trim() ?? '';
}

function readServer(server: XmlElement, email: string, source: Source): DiscoveredEndpoint | null {
  const host = fill(childText(server, 'hostname'), email).toLowerCase();
  const port = Number(childText(server, 'port'));
  const security = SECURITIES[childText(server, 'socketType')];
  const user = fill(childText(server, 'username'), email) || email;
  const methods = childElements(server, 'authentication').map((item) => item.text.trim());
  const auth = chooseAuth(methods);
  if (!security || !auth || !isHostName(host) || CONTROL.test(user) || user.length > 320) return null;
  if (!Number.isInteger(port) || port < 1 || port > 65535) return null;
  if (security === 'plain' && !isLoopbackHost(host)) return null;
  return { host, port, security, user, auth, source };
}

/** The first method that we can do; a file without any means a password. */
function chooseAuth(methods: readonly string[]): DiscoveredEndpoint['auth'] | null {
  if (methods.length === 0) return 'password';
  for (const method of methods) {
    if (/^(password-cleartext|password-encrypted|plain|secure)$/i.test(method)) return 'password';
    if (/^oauth2$/i.test(method)) return 'oauth2';
  }
  return null;
}

function fill(text: string, email: string): string {
  const at = email.lastIndexOf('@');
  return text
    .replaceAll('%EMAILADDRESS%', () => email)
    .replaceAll('%EMAILLOCALPART%', () => email.slice(0, at))
    .replaceAll('%EMAILDOMAIN%', () => email.slice(at + 1));
}
