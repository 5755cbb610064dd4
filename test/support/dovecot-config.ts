import { userInfo } from 'node:os';
import type { TlsIdentity } from './tls.ts';

/** A mailbox that every user has from the start. */
export interface DefaultMailbox {
  readonly path: string;
  /** E.g. `\\Sent`. */
  readonly specialUse?: string;
  /** Created and subscribed on first login (default true). */
  readonly autoSubscribe?: boolean;
}

export type MailFormat = 'maildir' | 'sdbox' | 'mdbox';

/** Everything that goes into the configuration file. */
export interface DovecotConfig {
  readonly root: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly logFile: string;
  readonly rawlogDir: string | null;
  readonly mailFormat: MailFormat;
  readonly mailboxes: readonly DefaultMailbox[];
  readonly separator: string;
  readonly capabilities: readonly string[] | null;
  readonly tls: TlsIdentity | null;
  readonly maxUserIpConnections: number;
  readonly quota: string | null;
  readonly fsync: 'never' | 'default';
  readonly isForPostfix: boolean;
  readonly extra: string;
}

/** Owner of the mail files: as root a number of their own (Dovecot refuses root's), else the user who runs the tests. */
export function mailOwner(): { uid: number; gid: number } {
  const { uid, gid } = userInfo();
  return uid === 0 ? { uid: 5000, gid: 5000 } : { uid, gid };
}

/** Mailboxes that most servers have. */
export const usualMailboxes: readonly DefaultMailbox[] = [
  { path: 'Drafts', specialUse: '\\Drafts' },
  { path: 'Sent', specialUse: '\\Sent' },
  { path: 'Trash', specialUse: '\\Trash' },
  { path: 'Junk', specialUse: '\\Junk' },
  { path: 'Archive', specialUse: '\\Archive' },
];

// Without root every process runs as that one user and nothing can be confined to a folder.
function unprivileged(): string {
  const { uid, username } = userInfo();
  if (uid === 0) return '';
  return `default_internal_user = ${username}\ndefault_login_user = ${username}\ndefault_internal_group =\n`;
}

function mailboxBlock(mailbox: DefaultMailbox): string {
  const use = mailbox.specialUse ? `special_use = ${mailbox.specialUse}` : '';
  return `  mailbox "${mailbox.path}" {\n    auto = ${mailbox.autoSubscribe === false ? 'create' : 'subscribe'}\n    ${use}\n  }\n`;
}

function tlsBlock(tls: TlsIdentity | null): string {
  if (tls === null) return 'ssl = no\n';
  return `ssl = yes\nssl_cert = <${tls.certFile}\nssl_key = <${tls.keyFile}\nssl_min_protocol = TLSv1.2\n`;
}

function quotaBlock(quota: string | null): string {
  if (quota === null) return '';
  return `mail_plugins = quota\nplugin {\n  quota = count:User quota\n  quota_rule = *:storage=${quota}\n  quota_vsizes = yes\n  quota_grace = 0\n}\n`;
}

function imapBlock(config: DovecotConfig): string {
  return (
    `protocol imap {\n  mail_max_userip_connections = ${config.maxUserIpConnections}\n` +
    (config.quota ? '  mail_plugins = quota imap_quota\n' : '') +
    (config.capabilities ? `  imap_capability = ${config.capabilities.join(' ')}\n` : '') +
    (config.rawlogDir ? `  rawlog_dir = ${config.rawlogDir}/%u\n` : '') +
    '}\n'
  );
}

/** Connections that one process serves, one after the other. */
const REUSES = 64;

function services(config: DovecotConfig): string {
  const chroot = userInfo().uid === 0 ? '' : '  chroot =\n';
  return (
    `service imap-login {\n${chroot}  service_count = 0\n  process_min_avail = 1\n` +
    `  inet_listener imap {\n    port = ${config.imapPort}\n  }\n` +
    `  inet_listener imaps {\n    port = ${config.tls ? config.imapsPort : 0}\n  }\n}\n` +
    // A process for each connection would cost four times what the connection itself does.
    `service imap {\n  process_limit = 512\n  service_count = ${REUSES}\n}\n` +
    // No growing delay after refused logins: tests refuse logins on purpose.
    `service anvil {\n${chroot}  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n` +
    // Nobody reads them.
    `stats_writer_socket_path =\n`
  );
}

const SASL_SOCKET = 'sasl';
const LMTP_SOCKET = 'deliver';

/** Sockets of an instance that serves a Postfix. */
export function postfixSockets(root: string): { readonly sasl: string; readonly lmtp: string } {
  return { sasl: `${root}/run/${SASL_SOCKET}`, lmtp: `${root}/run/${LMTP_SOCKET}` };
}

// Mail for name@any.domain is delivered to the user `name`, name+Sent@ into the mailbox Sent.
function postfixBlock(isForPostfix: boolean): string {
  if (!isForPostfix) return '';
  return (
    `auth_username_format = %Ln\nrecipient_delimiter = +\nlmtp_save_to_detail_mailbox = yes\n` +
    `service auth {\n  unix_listener ${SASL_SOCKET} {\n    mode = 0666\n  }\n}\n` +
    `service lmtp {\n  service_count = ${REUSES}\n  unix_listener ${LMTP_SOCKET} {\n    mode = 0666\n  }\n}\n`
  );
}

/** The text of dovecot.conf (2.3) for one instance that keeps all its files below `root`. */
export function dovecotConfigText(config: DovecotConfig): string {
  const { root } = config;
  const { uid, gid } = mailOwner();
  return (
    `base_dir = ${root}/run\nstate_dir = ${root}/run\nlog_path = ${config.logFile}\nprotocols = imap${config.isForPostfix ? ' lmtp' : ''}\nlisten = 127.0.0.1\n` +
    unprivileged() +
    tlsBlock(config.tls) +
    `disable_plaintext_auth = no\nauth_mechanisms = plain login\nauth_failure_delay = 0\ndefault_vsz_limit = 0\n` +
    `first_valid_uid = 1\nfirst_valid_gid = 1\nmail_location = ${config.mailFormat}:${root}/mail/%u\n` +
    (config.fsync === 'never' ? 'mail_fsync = never\n' : '') +
    quotaBlock(config.quota) +
    `passdb {\n  driver = passwd-file\n  args = scheme=plain username_format=%u ${root}/users\n}\n` +
    `userdb {\n  driver = static\n  args = uid=${uid} gid=${gid} home=${root}/home/%u\n}\n` +
    `namespace inbox {\n  inbox = yes\n  separator = ${config.separator}\n${config.mailboxes.map(mailboxBlock).join('')}}\n` +
    services(config) +
    imapBlock(config) +
    postfixBlock(config.isForPostfix) +
    config.extra
  );
}
