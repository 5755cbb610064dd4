import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';

const POSTFIX_DELAY = `From: MAILER-DAEMON@relay.test (Mail Delivery System)
Subject: Delayed Mail (still being retried)
To: anna@example.com
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
Message-Id: <report@relay.test>
Date: Sat, 28 Nov 2026 09:00:00 +0000

This is a MIME-encapsulated message.

--b1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

THIS IS A WARNING ONLY.

--b1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.test
Arrival-Date: Sat, 28 Nov 2026 08:00:00 +0000

Final-Recipient: rfc822; Bob@Example.com
Original-Recipient: rfc822;bob@example.com
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to 127.0.0.1[127.0.0.1]:25:
    Connection refused
Will-Retry-Until: Thu, 3 Dec 2026 08:00:00 +0000

--b1
Content-Description: Message Headers
Content-Type: text/rfc822-headers

Received: from x
Subject: Angebot
Message-ID:
 <mail@example.com>

--b1--
`;

async function reportOf(source: string) {
  const { parsed } = await createInlineIngest().ingest(Buffer.from(source.replaceAll('\n', '\r\n')));
  return parsed.deliveryReport;
}

describe('a report about the delivery of a mail', () => {
  it('says which mail is late, for whom, why and until when', async () => {
    expect(await reportOf(POSTFIX_DELAY)).toEqual({
      originalMessageId: '<mail@example.com>',
      recipients: [
        {
          ...{ address: 'bob@example.com', action: 'delayed', status: '4.4.1' },
          text: 'connect to 127.0.0.1[127.0.0.1]:25: Connection refused',
          retryUntil: Date.UTC(2026, 11, 3, 8),
        },
      ],
    });
  });

  it('tells several recipients apart, with the whole mail returned', async () => {
    const source = POSTFIX_DELAY.replace('Content-Type: text/rfc822-headers', 'Content-Type: message/rfc822').replace(
      'Will-Retry-Until: Thu, 3 Dec 2026 08:00:00 +0000\n',
      '\nFinal-Recipient: rfc822; <carla@example.com>\nAction: Failed\nStatus: 5.1.1 (unknown)\n',
    );
    const report = await reportOf(source);
    expect(report?.originalMessageId).toBe('<mail@example.com>');
    expect(report?.recipients.map(({ address, action, status, text }) => [address, action, status, text])).toEqual([
      ['bob@example.com', 'delayed', '4.4.1', 'connect to 127.0.0.1[127.0.0.1]:25: Connection refused'],
      ['carla@example.com', 'failed', '5.1.1', null],
    ]);
  });

  it('that returns nothing of the mail names it in its own header', async () => {
    const bare = POSTFIX_DELAY.slice(0, POSTFIX_DELAY.indexOf('--b1\nContent-Description: Message Headers')).concat('--b1--\n');
    expect(await reportOf(bare)).toBeNull();
    expect((await reportOf(`In-Reply-To: <mail@example.com>\n${bare}`))?.originalMessageId).toBe('<mail@example.com>');
    expect((await reportOf(`References: <a@example.com> <mail@example.com>\n${bare}`))?.originalMessageId).toBe('<mail@example.com>');
  });

  it.each([
    ['an action that there is not', POSTFIX_DELAY.replace('Action: delayed', 'Action: eaten')],
    ['no recipient', POSTFIX_DELAY.replace(/(?:Final|Original)-Recipient:.*\n/gu, '')],
    ['a receipt for reading', POSTFIX_DELAY.replace('message/delivery-status', 'message/disposition-notification')],
    ['a mail that only quotes one', POSTFIX_DELAY.replace('multipart/report; report-type=delivery-status', 'multipart/mixed')],
    ['nothing', POSTFIX_DELAY.slice(0, POSTFIX_DELAY.indexOf('\n\n'))],
  ])('is none with %s', async (_name, source) => {
    expect(await reportOf(source)).toBeNull();
  });
});
