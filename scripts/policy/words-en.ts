import type { PolicyWords } from './words.ts';

export const en: PolicyWords = {
  language: 'en-US',
  product: 'Holdover',
  supported: 'Holdover 0.1 or later',
  json: 'The value is JSON text, as it would stand in policies.json; it may go over several lines.',
  sections: {
    accounts: {
      name: 'Accounts',
      what: 'The accounts that each person of this machine gets, as templates that are filled in from who is signed in. The app sets them up by itself and asks for the password once, or leads once to the sign-in at the provider (auth: type oauth2 with a provider).',
    },
    enrolment: {
      name: 'Enrolment',
      what: 'Where the accounts stand that "npm run admin -- enrol" has written for each person of the directory.',
    },
    signIn: {
      name: 'Sign-in at the provider',
      what: 'Under which client ID Holdover is registered at Microsoft 365, Google or another OpenID provider. For accounts that somebody sets up by hand; in the templates under "Accounts" it stands in the field auth of each server.',
    },
    retention: { name: 'Retention', what: 'How many days of mail are kept on the device, by kind.' },
    continuity: { name: 'Outage and return', what: 'How the app behaves in an outage and afterwards.' },
    mail: { name: 'Reading', what: 'What mail may do and what may be done with it.' },
    appearance: { name: 'Appearance', what: 'How the window looks.' },
    writing: { name: 'Writing', what: 'What helps while mail is written.' },
    desktop: { name: 'Start and window', what: 'When the app runs. It copies mail only while it does; without a window, too.' },
    notifications: {
      name: 'Notifications',
      what: 'What the system shows of mail and outages. What it shows it may also keep, unencrypted.',
    },
    lock: { name: 'App lock', what: 'When the app closes its store and drops its keys. While it is locked nothing is fetched or sent.' },
    lease: {
      name: 'Offline lease',
      what: 'How long the copy stays readable without contact. Contact is an authenticated connection of any account to its mail server or its relay.',
    },
    wipe: { name: 'Remote wipe', what: 'Erases the keys and then the files of the named devices.' },
    escrow: { name: 'Key escrow', what: 'The recovery key of each device, sealed for IT.' },
    updates: { name: 'Updates', what: 'Where new versions come from, and which.' },
    log: { name: 'Log', what: 'The log file of the app. It never holds mail, addresses or secrets.' },
    network: { name: 'Network', what: 'How servers are reached.' },
    readiness: {
      name: 'Readiness',
      what: 'What each device tells IT by itself of whether it is ready for an outage: address, coverage, log-ins, drill, version; never anything of a mail. Without this section it tells nothing.',
    },
  },
  values: {
    'enrolment.folder': {
      name: 'Enrolment folder',
      what: 'The folder that "npm run admin -- enrol" wrote, on this machine or on a share; it is only read. The app finds the person in its people.json: by the user principal name where both know it, else by the name of the system user (account: sAMAccountName or uid). Case does not matter, anything else does; where two entries fit, nothing is set up and the error is shown. It takes the file of that person, sets the account up, asks once for the password or leads to the sign-in, and follows the file from then on: at each start, when the policy changes, and every ten minutes. While the folder cannot be reached, what was last read of it is in force. An address that also stands under "Accounts" is set up as in the folder. Nobody but IT may be able to write the folder.',
    },
    'retention.incomingDays': { name: 'Days of received mail', what: 'Received mail is kept this many days.' },
    'retention.outgoingDays': { name: 'Days of sent mail', what: 'Sent mail is kept this many days.' },
    'retention.quarantinedDays': { name: 'Days of quarantined mail', what: "Mail of the relay's quarantine is kept this many days." },
    'continuity.failover': {
      name: 'Switching to the relay',
      what: 'Whether mail goes through the relay by itself while the mail server is gone.',
      choices: { automatic: 'by itself', ask: 'after the person agreed' },
    },
    'continuity.reconcile': {
      name: 'Carrying back',
      what: 'Whether what was done in an outage is carried to the mail server by itself.',
      choices: { automatic: 'by itself, after the plan was shown', ask: 'after the person approved the plan' },
    },
    'continuity.stableSeconds': { name: 'Seconds until the mail server counts as back', what: 'So long it has to answer without a gap.' },
    'continuity.previewSeconds': { name: 'Seconds for which the plan is shown', what: 'Before it is carried out by itself.' },
    'continuity.deliveryGraceSeconds': {
      name: "Seconds for the relay's own delivery",
      what: 'Mail that only the relay received is left to its own queue this long after the return.',
    },
    'continuity.undoSendSeconds': { name: 'Seconds in which sending can be undone', what: '0 sends at once.' },
    'continuity.control': {
      name: 'Mode',
      what: 'Who decides about the mode. For an announced maintenance, or where the detection must not act.',
      choices: {
        automatic: 'the app',
        'forced-continuity': 'outage, whatever the servers say',
        'forced-normal': 'normal, whatever the servers say',
      },
    },
    'mail.remoteImages': {
      name: 'Images from the internet',
      what: 'Whether a person may have them loaded. They never load by themselves.',
      choices: { ask: 'on request', never: 'never' },
    },
    'mail.dangerousAttachments': {
      name: 'Dangerous attachments',
      what: 'Programs, scripts, documents with macros and the like.',
      choices: { ask: 'saved after a warning', never: 'never saved' },
    },
    'mail.trustedAuthservIds': {
      name: 'Trusted checking servers',
      what: "Names (authserv-id, RFC 8601) of your servers whose findings about a sender count. Without them no server's finding is believed.",
    },
    'appearance.language': {
      name: 'Language',
      what: 'Language of the app.',
      choices: { system: 'that of the system', de: 'German', en: 'English' },
    },
    'writing.spelling': {
      name: 'Spelling',
      what: 'In which languages spelling is checked. Dictionaries are in the package: no text leaves the device for it.',
      choices: { both: 'German and English', de: 'German', en: 'English', off: 'not at all' },
    },
    'desktop.startAtLogin': {
      name: 'Start at log-in',
      what: 'Whether the app starts without a window when the person logs in. A deb or rpm does so even for somebody who never opened it; elsewhere it begins with the first start (see the admin guide). When the value is taken away, what is so stays, and is the choice of the person again; only the start by a deb or rpm ends with it.',
    },
    'desktop.closeToTray': { name: 'Go on without a window', what: 'Whether the app goes on copying after its window was closed.' },
    'notifications.mail': {
      name: 'New mail',
      what: 'How much of new mail is shown.',
      choices: { content: 'sender and subject', arrival: 'that it came, without content', none: 'nothing' },
    },
    'notifications.state': { name: 'Outages and sending', what: 'Outages, their end, and mail that could not be sent.' },
    'lock.afterIdleMinutes': { name: 'Minutes without input', what: 'After so long without keyboard or mouse the app locks.' },
    'lock.onSystemLock': { name: 'With the screen', what: 'The app locks when the screen is locked.' },
    'lock.onSuspend': { name: 'With sleep', what: 'The app locks when the machine goes to sleep.' },
    'lease.days': {
      name: 'Days without contact',
      what: 'After so many days without contact the app shows no mail any more, until a server was reached again; it then opens by itself. Nothing is deleted, what waits in the outbox is kept and leaves with the next contact, and the person is warned before. Without this value there is no such limit. Choose it longer than the longest outage of both servers that people have to work through.',
    },
    'wipe.devices': { name: 'Devices', what: 'Names of the machines that are to be wiped, or * for every one with this policy.' },
    'wipe.order': {
      name: 'Order',
      what: 'Any text that names this order. A device obeys each order once: a device that is set up anew needs a new one.',
    },
    'wipe.report': {
      name: 'Report',
      what: 'Folder or https address to which the device confirms, with the number of mails that were not sent.',
    },
    'escrow.publicKey': {
      name: 'Public key',
      what: 'Key (RSA of at least 2048 bits, or X25519; PEM) for which the recovery key is sealed.',
    },
    'escrow.target': { name: 'Where it is put', what: 'Folder or https address to which the sealed recovery key is written.' },
    'updates.mode': { name: 'Updates', what: 'Whether the app updates itself.', choices: { on: 'yes', off: 'no' } },
    'updates.url': { name: 'Update server', what: "Base address of the company's own server." },
    'updates.channel': { name: 'Channel', what: 'Name of the list of versions, such as latest or pilot.' },
    'updates.pinnedVersion': { name: 'Pinned version', what: 'Only this version is installed.' },
    'log.level': {
      name: 'Level',
      what: 'What is written down.',
      choices: { debug: 'everything', info: 'the usual', warn: 'warnings and errors', error: 'errors' },
    },
    'network.proxy': {
      name: 'Proxy',
      what: 'none (also where it is left out), system (as the system is set; a script of the system, PAC, is not fetched: with one, name the proxy here), or the address of a proxy: http://, https:// (CONNECT) or socks5://, with host and port and without a log-in. Mail, set-up, updates, reports and images go through it; names are looked up by the proxy, and TLS is checked as without one. Of several ways that the system names, the next one is taken where a proxy cannot be reached; directly only where DIRECT is among them. SRV records are not asked for in the set-up then.',
    },
    'network.proxyBypass': {
      name: 'Without the proxy',
      what: 'Host names, *.domain, or addresses that are reached directly. This machine itself always is.',
    },
    'network.caFile': {
      name: 'CA certificates',
      what: "PEM file with the company's own CA certificates, for every server of an account that names none (prepared, set up by file or by hand) and its sign-in, a proxy that is reached by https://, updates, reports, alerts, the recovery key and the report of a wipe.",
    },
    'readiness.report': {
      name: 'Reports',
      what: 'Folder (one file for each device) or https address (POST) to which the device reports. `npm run admin -- readiness` reads them.',
    },
    'readiness.everyHours': { name: 'Hours between reports', what: '24 where it is left out.' },
    'readiness.spreadMinutes': {
      name: 'Minutes over which devices spread',
      what: 'What is due on all devices at once (the first report, those after a night) is spread over so long, alerts over a minute of it at most. 60 where it is left out, 0 for at once.',
    },
    'readiness.webhook': { name: 'Alerts by webhook', what: 'https address to which each alert is posted as JSON.' },
    'readiness.syslog': {
      name: 'Alerts by syslog',
      what: 'udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT of a server that takes RFC 5424; reached directly, whatever the proxy. UDP is not confirmed: what is lost on the way is lost.',
    },
  },
  fields: {
    accounts: {
      email: 'Address of the account. {mail} where it is left out.',
      aliases:
        'Further addresses that reach the person: an answer to all leaves them out. Texts with attributes, such as {samAccountName}@brand.example; {proxyAddresses} by itself stands for all that the directory knows. What a device does not know takes no address from an account; left out, each account keeps those it has.',
      displayName: 'Name shown to recipients. {displayName} where it is left out.',
      users: 'Names of system users it is for, * for any characters; everybody where it is left out.',
      primary: 'The mail server: imap and smtp, each with host, port, security (tls, starttls), user, auth and caFile.',
      relay: 'The relay, likewise; null for none.',
      mailboxes: 'Mailboxes that are mirrored although they usually are not (include), and the reverse (exclude).',
      quarantinePath: "Path of the relay's quarantine mailbox, where its name is unusual.",
      pollSeconds: 'Seconds between looks at mailboxes that the server does not report by itself.',
    },
    signIn: {
      provider:
        'Who is signed in at: {"type": "microsoft", "tenant": "…"} (ID or domain of your directory; organizations where it is left out), {"type": "google"}, or {"type": "oidc", "issuer": "https://…"}.',
      clientId: 'The ID that the provider gave your registration. Required.',
      clientSecret: 'Where the provider gives one to an app on a computer (Google); it is kept from nobody there.',
      scope: 'What is asked for, words with blanks between; that of the provider where it is left out.',
      mechanism: 'How the mail server takes the token: XOAUTH2 or OAUTHBEARER; XOAUTH2 where it is left out.',
    },
  },
  reference: {
    title: 'Policy reference',
    generated: 'Generated from shared/policy/schema.ts by `npm run policy:generate`; do not edit.',
    intro: [
      'What IT holds on a machine. Each section is optional, and each value in it: what is left out is the choice of the person. A value that is held is shown as managed by the organisation, and cannot be changed in the app.',
      'A policy is checked as a whole. One unknown key or one wrong value, and nothing of it is taken: the place and the fault are shown in the app, in the log and by `holdover-engine policy show`, and the last policy that was right stays in force. `holdover-engine policy check FILE` checks a file before it is rolled out (README, "Commands of a package", has their names elsewhere). Changes are taken within half a minute, without a restart.',
    ],
    placesTitle: 'Where it is read',
    places: [
      'Windows: the registry, `HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Holdover` (templates in windows/). macOS: managed preferences of `com.holdover.app`, those of the person before those of the machine (manifest and profile in macos/).',
      'The file `policies.json` of the machine: Linux `/etc/holdover/policies.json`, macOS `/Library/Application Support/Holdover/policies.json`, Windows the file that the value `PolicyPath` of the registry key above names (`msiexec … POLICYPATH=…` writes it; a share is allowed), else `%ProgramData%\\Holdover\\policies.json`.',
      'The file `policies.json` in the `resources` folder of the installed app: `HOLDOVER_POLICY=policies.json npm run dist` puts it there.',
    ],
    placesAfter: [
      'Each section is taken from the first place that has it; values of one section are never mixed. A file of the machine must belong to the administrator (root; on Windows Administrators or SYSTEM) and nobody else may be able to write it or its folder; else the policy is refused.',
    ],
    columns: ['Value', 'Allowed', 'Meaning'],
    number: (least, most) => `${least} to ${most}`,
    yesNo: 'true, false',
    text: 'text',
    list: 'list of texts',
    fieldsTitle: { accounts: 'Fields of an account', signIn: 'Fields of a registration' },
    attributesTitle: 'Attributes',
    attributes: [
      '`{samAccountName}`: log-on name, without the domain.',
      '`{userPrincipalName}`: on Windows as `whoami /upn` says it; else of the environment variable HOLDOVER_UPN.',
      '`{mail}`: of the environment variable HOLDOVER_MAIL, else the userPrincipalName.',
      '`{displayName}`: full name of the system user where there is one, else of HOLDOVER_DISPLAY_NAME.',
      '`{proxyAddresses}`, in `aliases` only and by itself: of the environment variable HOLDOVER_PROXY_ADDRESSES, as the directory writes them (`SMTP:a@company.example;smtp:b@company.example`; other kinds are left out) or plain, with blanks, commas or semicolons between.',
      '`{domain}`: what stands behind the @ of the userPrincipalName.',
      'An account of which an attribute is not known on a device is not set up there, and the reason is told; a name or a further address may be missing.',
    ],
    exampleTitle: 'Example',
  },
};
