import type { DefaultMailbox, Dovecot } from './dovecot.ts';
import { startFaceServer } from './face-server.ts';
import { GmailConnection } from './gmail-face/connection.ts';
import { Labels, type GmailNames, type GmailSettings } from './gmail-face/labels.ts';
import { imapDateTime } from './imap-date.ts';
import { encodeMailboxName } from './mailbox-name.ts';

export type { GmailNames, GmailSettings } from './gmail-face/labels.ts';

/** What Gmail offers after the log-in, but for COMPRESS=DEFLATE, UTF8=ACCEPT and XLIST, for `capabilities` of the Dovecot behind a face. */
export const gmailCapabilities: readonly string[] = [
  ...['IMAP4rev1', 'UNSELECT', 'IDLE', 'NAMESPACE', 'QUOTA', 'ID', 'CHILDREN', 'X-GM-EXT-1', 'UIDPLUS', 'ENABLE', 'MOVE'],
  ...['CONDSTORE', 'ESEARCH', 'LIST-EXTENDED', 'LIST-STATUS', 'LITERAL-', 'SPECIAL-USE', 'APPENDLIMIT=35651584'],
];

/** Mailboxes of an account in English. */
export const gmailNames: GmailNames = {
  ...{ all: '[Gmail]/All Mail', drafts: '[Gmail]/Drafts', important: '[Gmail]/Important', sent: '[Gmail]/Sent Mail' },
  ...{ spam: '[Gmail]/Spam', starred: '[Gmail]/Starred', trash: '[Gmail]/Trash' },
};

/** Of an older one in German. */
export const gmailNamesGerman: GmailNames = {
  ...{ all: '[Google Mail]/Alle Nachrichten', drafts: '[Google Mail]/Entwürfe', important: '[Google Mail]/Wichtig' },
  ...{ sent: '[Google Mail]/Gesendet', spam: '[Google Mail]/Spam', starred: '[Google Mail]/Markiert', trash: '[Google Mail]/Papierkorb' },
};

const USES: Readonly<Record<keyof GmailNames, string>> = {
  ...{ all: '\\All', drafts: '\\Drafts', important: '\\Important', sent: '\\Sent', spam: '\\Junk', starred: '\\Flagged', trash: '\\Trash' },
};

/** With their uses, for the Dovecot behind a face. */
export const gmailMailboxes = (names: GmailNames): DefaultMailbox[] =>
  Object.entries(USES).map(([key, specialUse]) => ({ path: names[key as keyof GmailNames], specialUse }));

const USUAL: GmailSettings = { autoExpunge: true, lastExpunge: 'archive', same: 'bytes', keepsKeywords: true };

export interface GmailFace {
  readonly port: number;
  readonly names: GmailNames;
  /** A mail comes in: one message with these labels. */
  deliver(
    user: string,
    raw: Buffer,
    labels: readonly string[],
    options?: { flags?: readonly string[]; internalDate?: number },
  ): Promise<void>;
  /** Other settings from now on; none: the usual ones. */
  set(settings?: Partial<GmailSettings>): void;
  close(): Promise<void>;
}

/**
 * Stands before a Dovecot and makes it look like Gmail: a mailbox is a label, and what is done to a message in one of them shows in all. The
 * Dovecot has to be started with `gmailCapabilities` and `gmailMailboxes`, and nothing is to be put into it but through the face.
 */
export async function startGmailFace({ dovecot, names }: { readonly dovecot: Dovecot; readonly names: GmailNames }): Promise<GmailFace> {
  const known = new Map<string, Promise<Labels>>();
  const settings = { ...USUAL };
  const onWire = Object.fromEntries(Object.entries(names).map(([key, path]) => [key, encodeMailboxName(path)])) as unknown as GmailNames;
  const labelsOf = (user: string): Promise<Labels> => {
    const made = known.get(user) ?? dovecot.connect(user).then((client) => new Labels(client, onWire, settings));
    known.set(user, made);
    return made;
  };
  const server = await startFaceServer(dovecot.imapPort, (link) => void new GmailConnection(link, labelsOf));
  return {
    ...{ port: server.port, names },
    deliver: async (user, raw, paths, { flags = [], internalDate } = {}) => {
      const labels = await labelsOf(user);
      const date = internalDate === undefined ? '' : ` ${imapDateTime(internalDate)}`;
      await labels.exclusive(async () => {
        const [first = onWire.all, ...others] = paths.map(encodeMailboxName);
        const { uid } = await labels.append(first, `(${flags.join(' ')})${date} `, raw);
        const [one] = await labels.held(first, String(uid));
        for (const path of one ? others : []) await labels.add(one!, first, path);
      });
    },
    set: (other = {}) => {
      Object.assign(settings, USUAL, other);
    },
    close: async () => {
      await server.close();
      for (const labels of known.values()) await (await labels).close();
    },
  };
}
