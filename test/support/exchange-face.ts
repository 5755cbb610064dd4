import { FaceConnection } from './exchange-face/connection.ts';
import { SourceLedger } from './exchange-face/ledger.ts';
import { startFaceServer } from './face-server.ts';

/** What Exchange Online offers after the log-in, for `capabilities` of the Dovecot behind a face. */
export const exchangeCapabilities: readonly string[] = [
  ...['IMAP4', 'IMAP4rev1', 'AUTH=PLAIN', 'SASL-IR', 'UIDPLUS', 'MOVE', 'ID', 'UNSELECT', 'CHILDREN', 'IDLE', 'NAMESPACE', 'LITERAL+'],
];

/** Mailboxes of an account in English, besides INBOX; none tells its use. */
export const exchangeMailboxes = ['Drafts', 'Sent Items', 'Deleted Items', 'Junk Email', 'Archive'].map((path) => ({ path }));

/** The same of an account in German. */
export const exchangeMailboxesGerman = ['Entwürfe', 'Gesendete Elemente', 'Gelöschte Elemente', 'Junk-E-Mail', 'Archiv'].map((path) => ({
  path,
}));

export interface ExchangeFace {
  readonly port: number;
  /** Mails of APPEND that were passed on in another form. */
  readonly appended: number;
  /** Sizes that were told as an estimate. */
  readonly estimated: number;
  /** Sizes that were told as they are, their message having been fetched whole before. */
  readonly exact: number;
  /** Messages that were fetched whole. */
  readonly known: number;
  close(): Promise<void>;
}

/**
 * Stands before a Dovecot and makes it look like Microsoft Exchange: what is appended is kept in another form (exchangeForm), and
 * RFC822.SIZE is an estimate until a message has been fetched whole. What a delivery brings is put into the Dovecot directly, as
 * exchangeForm. The Dovecot has to be started with `exchangeCapabilities`.
 */
export async function startExchangeFace({ upstreamPort }: { readonly upstreamPort: number }): Promise<ExchangeFace> {
  const ledger = new SourceLedger();
  const server = await startFaceServer(upstreamPort, (link) => void new FaceConnection(link, ledger));
  return {
    port: server.port,
    get appended() {
      return ledger.appended;
    },
    get estimated() {
      return ledger.estimated;
    },
    get exact() {
      return ledger.exact;
    },
    get known() {
      return ledger.known;
    },
    close: () => server.close(),
  };
}
