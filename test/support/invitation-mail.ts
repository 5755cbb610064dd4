import { buildMail } from './mail-builder.ts';

const ZONE = [
  'BEGIN:VTIMEZONE',
  'TZID:Eastern Standard Time',
  ...['BEGIN:STANDARD', 'DTSTART:16010101T020000', 'TZOFFSETFROM:-0400', 'TZOFFSETTO:-0500'],
  ...['RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11', 'END:STANDARD'],
  ...['BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:-0500', 'TZOFFSETTO:-0400'],
  ...['RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3', 'END:DAYLIGHT'],
  'END:VTIMEZONE',
];

export interface InvitationFields {
  readonly method?: string;
  readonly summary: string;
  /** More lines of the event. */
  readonly lines?: readonly string[];
}

/** An iTIP calendar file: a weekly meeting at ten in New York. */
export function buildInvitation({ method = 'REQUEST', summary, lines = [] }: InvitationFields): Buffer {
  const event = [
    ...['BEGIN:VEVENT', 'UID:weekly@example.com', 'DTSTAMP:20260101T000000Z'],
    ...['DTSTART;TZID=Eastern Standard Time:20260715T100000', 'DTEND;TZID=Eastern Standard Time:20260715T113000'],
    `SUMMARY:${summary}`,
    ...lines,
    'END:VEVENT',
  ];
  return Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', `METHOD:${method}`, ...ZONE, ...event, 'END:VCALENDAR', ''].join('\r\n'));
}

/** A mail that carries one. */
export function buildInvitationMail(subject: string, date: number, fields: InvitationFields): Buffer {
  const contentType = `text/calendar; charset=utf-8; method=${fields.method ?? 'REQUEST'}`;
  const attachments = [{ fileName: 'invite.ics', contentType, content: buildInvitation(fields) }];
  return buildMail({ subject, date, text: 'You are invited.', attachments });
}
