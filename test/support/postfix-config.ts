import { postfixSockets } from './dovecot-config.ts';
import type { TlsIdentity } from './tls.ts';

/** Everything that goes into the configuration of one Postfix. */
export interface PostfixConfig {
  readonly root: string;
  readonly hostName: string;
  readonly domain: string;
  /** Local parts that have a mailbox. */
  readonly users: readonly string[];
  readonly dovecotRoot: string;
  readonly submissionPort: number;
  readonly smtpsPort: number;
  readonly inboundPort: number;
  /** Where the mail of the domain goes; null: into the Dovecot's mailboxes. */
  readonly forwardPort: number | null;
  readonly keepsSentCopies: boolean;
  /** Where mail for other domains goes; null: nowhere. */
  readonly outsidePort: number | null;
  readonly sizeLimitBytes: number;
  readonly recipientLimit: number;
  /** With less room than this it puts off every mail (452 4.3.1). */
  readonly minFreeBytes: number;
  readonly tls: TlsIdentity | null;
  /** Tells the sender that a mail is late after so long; 0: never. */
  readonly delayWarningSeconds: number;
}

/** Domain under which a forwarding Postfix delivers its own copies. */
const COPY_DOMAIN = 'copies.test';

const settings = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

function delivery(config: PostfixConfig): Record<string, string> {
  const { domain, root, forwardPort, outsidePort } = config;
  const lmtp = `lmtp:unix:${postfixSockets(config.dovecotRoot).lmtp}`;
  return {
    virtual_mailbox_domains: forwardPort === null ? domain : COPY_DOMAIN,
    virtual_mailbox_maps: `texthash:${root}/etc/mailboxes`,
    virtual_transport: lmtp,
    relay_domains: forwardPort === null ? '' : domain,
    relay_transport: forwardPort === null ? 'error:no' : `smtp:[127.0.0.1]:${forwardPort}`,
    recipient_bcc_maps: forwardPort === null ? '' : `texthash:${root}/etc/copies`,
    default_transport: outsidePort === null ? 'discard:' : `smtp:[127.0.0.1]:${outsidePort}`,
  };
}

/** main.cf (3.7): loopback only, no look-ups in DNS, quick to try again, all files below the root. */
export function mainText(config: PostfixConfig): string {
  const { root, tls } = config;
  return settings({
    compatibility_level: '3.6',
    queue_directory: `${root}/spool`,
    data_directory: `${root}/data`,
    daemon_directory: '/usr/lib/postfix/sbin',
    command_directory: '/usr/sbin',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: `${root}/postfix.log`,
    maillog_file_prefixes: root,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: config.hostName,
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    alias_maps: '',
    alias_database: '',
    local_recipient_maps: '',
    recipient_delimiter: '+',
    biff: 'no',
    smtputf8_enable: 'yes',
    smtpd_peername_lookup: 'no',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    message_size_limit: config.sizeLimitBytes,
    smtpd_recipient_limit: config.recipientLimit,
    queue_minfree: config.minFreeBytes,
    mailbox_size_limit: 0,
    minimal_backoff_time: '1s',
    maximal_backoff_time: '3s',
    queue_run_delay: '1s',
    delay_warning_time: `${config.delayWarningSeconds}s`,
    smtp_connect_timeout: '3s',
    smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: postfixSockets(config.dovecotRoot).sasl,
    smtpd_sasl_security_options: 'noanonymous',
    smtpd_error_sleep_time: '0s',
    tls_random_source: 'dev:/dev/urandom',
    ...(tls ? { smtpd_tls_cert_file: tls.certFile, smtpd_tls_key_file: tls.keyFile } : {}),
    ...delivery(config),
  });
}

/** master.cf: the usual daemons without chroot, and our ports. */
export function masterText(config: PostfixConfig): string {
  const submission =
    `  -o syslog_name=postfix/submission\n  -o smtpd_sasl_auth_enable=yes\n  -o cleanup_service_name=cleanup-submission\n` +
    `  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n`;
  const sent = config.keepsSentCopies ? `  -o sender_bcc_maps=texthash:${config.root}/etc/sent\n` : '';
  const daemons = [
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 2 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'proxywrite unix - - n - 1 proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'lmtp unix - - n - - lmtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return (
    `127.0.0.1:${config.inboundPort} inet n - n - - smtpd\n` +
    `127.0.0.1:${config.submissionPort} inet n - n - - smtpd\n${submission}` +
    (config.tls ? '  -o smtpd_tls_security_level=encrypt\n' : '') +
    (config.tls ? `127.0.0.1:${config.smtpsPort} inet n - n - - smtpd\n${submission}  -o smtpd_tls_wrappermode=yes\n` : '') +
    `cleanup-submission unix n - n - 0 cleanup\n${sent}` +
    `${daemons.join('\n')}\n`
  );
}

/** The lookup tables, by file name. */
export function tables(config: PostfixConfig): Readonly<Record<string, string>> {
  const { domain, users, forwardPort } = config;
  const local = forwardPort === null ? domain : COPY_DOMAIN;
  const lines = (line: (user: string) => string): string => users.map((user) => `${line(user)}\n`).join('');
  return {
    mailboxes: lines((user) => `${user}@${local} ${user}`),
    copies: lines((user) => `${user}@${domain} ${user}@${COPY_DOMAIN}`),
    sent: lines((user) => `${user}@${domain} ${user}+Sent@${local}`),
  };
}
