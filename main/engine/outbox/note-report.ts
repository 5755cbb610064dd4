import { packError } from '../../../shared/errors.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { DeliveryReport } from '../../../shared/model/outbox.ts';
import type { OutboxContext } from './context.ts';

/**
 * Keeps what a report says of recipients of a mail of ours, to be shown with it. It changes neither state nor route, and sends nothing:
 * whoever knows a Message-ID could write one. The report itself is mail, and is listed as such. Never throws: it is only words.
 * @returns true when something new was kept
 */
export function noteReport(context: OutboxContext, accountId: AccountId, report: DeliveryReport, at: number): boolean {
  const { handle, store, log } = context;
  try {
    const row = store.withMessageId(accountId, report.originalMessageId);
    // No server can tell of what none was given.
    if (row === null || (row.acceptedAt === null && row.state !== 'unknown')) return false;
    const own = new Map(row.recipients.map(({ address }) => [address.toLowerCase(), address]));
    const known = report.recipients.flatMap((one) => {
      const address = own.get(one.address.toLowerCase());
      return address === undefined ? [] : [{ ...one, address, at }];
    });
    const kept = handle.tx('outbox.note-report', () => known.filter((one) => store.evidence.addNotice(row.id, one)).length);
    if (kept > 0) log.info({ ev: 'outbox.report-noted', item: row.id, recipients: kept });
    return kept > 0;
  } catch (error) {
    log.warn({ ev: 'outbox.report-lost', code: packError(error).code });
    return false;
  }
}
