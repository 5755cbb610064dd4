import type { AccountId, DraftId } from '../../shared/model/ids.ts';
import type { FrozenMessage } from '../../main/engine/store/frozen-message.ts';

let made = 0;

/** A mail ready to be handed to the outbox; every part can be chosen. */
export function frozenMessage(accountId: AccountId, change: Partial<FrozenMessage> & { readonly text?: string } = {}): FrozenMessage {
  made += 1;
  const { text = `text ${made}`, ...rest } = change;
  const messageId = rest.messageId ?? `<frozen-${made}-${process.pid}@example.com>`;
  const date = rest.date ?? Date.UTC(2026, 10, 24, 9, 0, 0);
  const envelope = rest.envelope ?? { from: 'anna@example.com', to: ['bernd@example.com'] };
  const head = [
    ...[
      'From: Anna <anna@example.com>',
      `To: ${envelope.to.join(', ')}`,
      `Subject: subject ${made}`,
      `Date: ${new Date(date).toUTCString()}`,
    ],
    ...[`Message-ID: ${messageId}`, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'],
  ].join('\r\n');
  return {
    ...{ accountId, messageId, date, envelope, raw: Buffer.from(`${head}\r\n\r\n${text}\r\n`), bcc: [], needsSmtpUtf8: false },
    ...{
      original: null,
      subject: `subject ${made}`,
      to: envelope.to.map((address) => ({ name: '', address })),
      preview: text.slice(0, 100),
    },
    ...{ sendAfter: 0, draftId: made as DraftId },
    ...rest,
  };
}
