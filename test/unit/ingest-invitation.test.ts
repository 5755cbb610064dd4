import { describe, expect, it } from 'vitest';
import { readInvitation } from '../../main/engine/ingest/calendar/read-invitation.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { limits } from '../../shared/limits.ts';
import { buildMail } from '../support/mail-builder.ts';

const OUTLOOK_ZONE = `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`;
const ics = (event: string, { zone = '', method = 'METHOD:REQUEST\n' } = {}): string =>
  `BEGIN:VCALENDAR\nVERSION:2.0\n${method}${zone}BEGIN:VEVENT\nUID:1\n${event}\nEND:VEVENT\nEND:VCALENDAR\n`;
const read = (event: string, options?: { zone?: string; method?: string }) => readInvitation(ics(event, options), '', 0);
const startOf = (line: string, zone = '') => {
  const start = read(line, { zone })?.start;
  return start && { ...start, at: start.at === null ? null : new Date(start.at).toISOString() };
};

describe('the time of an invitation', () => {
  it.each([
    [
      'in the zone of an Outlook, summer',
      'DTSTART;TZID=W. Europe Standard Time:20260715T100000',
      OUTLOOK_ZONE,
      '2026-07-15T08:00:00.000Z',
      'W. Europe Standard Time',
    ],
    [
      'in the zone of an Outlook, winter, quoted',
      'DTSTART;TZID="W. Europe Standard Time":20260115T100000',
      OUTLOOK_ZONE,
      '2026-01-15T09:00:00.000Z',
      'W. Europe Standard Time',
    ],
    [
      'in a Windows zone that the file does not hold',
      'DTSTART;TZID=Eastern Standard Time:20260715T100000',
      '',
      '2026-07-15T14:00:00.000Z',
      'Eastern Standard Time',
    ],
    [
      'in an IANA zone that the file does not hold',
      'DTSTART;TZID=Asia/Tokyo:20260715T100000',
      '',
      '2026-07-15T01:00:00.000Z',
      'Asia/Tokyo',
    ],
    [
      'in a zone behind a path',
      'DTSTART;TZID=/softwarestudio.org/Olson_20011030_5/America/New_York:20260115T100000',
      '',
      '2026-01-15T15:00:00.000Z',
      '/softwarestudio.org/Olson_20011030_5/America/New_York',
    ],
    ['in an hour that the clocks leave out', 'DTSTART;TZID=Europe/Berlin:20260329T023000', '', '2026-03-29T01:30:00.000Z', 'Europe/Berlin'],
    [
      'in an hour that they show twice',
      'DTSTART;TZID=America/New_York:20261101T013000',
      '',
      '2026-11-01T05:30:00.000Z',
      'America/New_York',
    ],
    ['in UTC', 'DTSTART:20260715T100000Z', '', '2026-07-15T10:00:00.000Z', ''],
  ])('%s', (_, line, zone, at, name) => {
    expect(startOf(line, zone)).toMatchObject({ at, zone: name });
  });

  it('is that of every clock where no zone is named, or one that nobody knows', () => {
    expect(startOf('DTSTART:20260715T100000')).toEqual({ at: null, local: '2026-07-15T10:00', zone: '' });
    expect(startOf('DTSTART;TZID=Middle Earth:20260715T100000')).toEqual({ at: null, local: '2026-07-15T10:00', zone: 'Middle Earth' });
  });

  it('ends on the last day of whole days, and by a duration', () => {
    const days = (lines: string) => read(lines)?.end?.local;
    expect(days('DTSTART;VALUE=DATE:20260715\nDTEND;VALUE=DATE:20260718')).toBe('2026-07-17');
    expect(days('DTSTART;VALUE=DATE:20260715\nDTEND;VALUE=DATE:20260716')).toBe('2026-07-15');
    expect(days('DTSTART;VALUE=DATE:20260715\nDURATION:P3D')).toBe('2026-07-17');
    expect(days('DTSTART:20260715T100000Z\nDURATION:PT90M')).toBe('2026-07-15T11:30');
    expect(read('DTSTART:20260715T100000Z\nDTEND:20260715T090000Z')?.end).toBeNull();
  });
});

describe('what repeats', () => {
  const rule = (text: string) => read(`DTSTART;TZID=Europe/Berlin:20260715T100000\nRRULE:${text}`)?.recurrence;
  it.each([
    ['FREQ=DAILY', { every: 'day', interval: 1 }],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=MO', { every: 'week', interval: 2, weekdays: ['MO', 'WE'] }],
    ['FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR', { every: 'day', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }],
    ['FREQ=MONTHLY;BYMONTHDAY=15;COUNT=5', { every: 'month', count: 5, weekdays: [], nth: null }],
    ['FREQ=MONTHLY;BYDAY=2TU', { every: 'month', weekdays: ['TU'], nth: 2 }],
    ['FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1', { every: 'month', weekdays: ['FR'], nth: -1 }],
    ['FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=15', { every: 'year' }],
    ['FREQ=MONTHLY;BYMONTHDAY=1', { every: 'other' }],
    ['FREQ=SECONDLY;BYSECOND=1,2,3', { every: 'other' }],
    ['FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1', { every: 'other' }],
  ])('%s', (text, expected) => {
    expect(rule(text)).toMatchObject(expected);
  });

  it('until a day', () => {
    expect(rule('FREQ=WEEKLY;UNTIL=20261231T225959Z')?.until?.local).toBe('2026-12-31T22:59');
  });
});

describe('what an invitation says', () => {
  it('names title, place, organiser and the answers', () => {
    const event = `SUMMARY:Budget\\, zweite Runde\nLOCATION:Raum Rügen\nDTSTART:20260715T100000Z
ORGANIZER;CN="Dr. Petersen":MAILTO:petersen@example.com
ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED:mailto:anna@example.com
ATTENDEE;CN=Ben;PARTSTAT=DECLINED;ROLE=OPT-PARTICIPANT:mailto:ben@example.com
ATTENDEE:mailto:carl@example.com`;
    expect(read(event)).toMatchObject({
      kind: 'request',
      title: 'Budget, zweite Runde',
      place: 'Raum Rügen',
      organiser: { name: 'Dr. Petersen', address: 'petersen@example.com' },
      attendees: [
        { name: 'Anna', answer: 'accepted', isOptional: false },
        { name: 'Ben', answer: 'declined', isOptional: true },
        { name: '', address: 'carl@example.com', answer: 'none' },
      ],
      attendeeCount: 3,
      moreEvents: 0,
    });
  });

  it.each([
    ['METHOD:REQUEST\n', 'SEQUENCE:2', 'update'],
    ['METHOD:CANCEL\n', '', 'cancel'],
    ['METHOD:REQUEST\n', 'STATUS:CANCELLED', 'cancel'],
    ['METHOD:REPLY\n', '', 'reply'],
    ['METHOD:COUNTER\n', '', 'counter'],
    ['METHOD:PUBLISH\n', '', 'event'],
    ['', '', 'event'],
  ])('%s%s is a %s', (method, line, kind) => {
    expect(read(`SUMMARY:x\n${line}`, { method })?.kind).toBe(kind);
  });

  it('takes the series and not an exception of it, and counts other events', () => {
    const text = `BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260715T100000Z\nSUMMARY:moved\nEND:VEVENT
BEGIN:VEVENT\nUID:1\nSUMMARY:series\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\nSUMMARY:other\nEND:VEVENT\nEND:VCALENDAR`;
    expect(readInvitation(text, '', 3)).toMatchObject({ title: 'series', moreEvents: 1, attachmentIndex: 3 });
  });

  it('keeps markup as the text it is, without marks that turn text around', () => {
    const hostile = read('SUMMARY:<img src=x onerror=alert(1)>\\n\u202egpj.exe\nLOCATION:<script>x</script>');
    expect(hostile).toMatchObject({ title: '<img src=x onerror=alert(1)> gpj.exe', place: '<script>x</script>' });
  });

  it.each(['', 'BEGIN:VCALENDAR', 'BEGIN:VCARD\nEND:VCARD', 'BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR', 'BEGIN:VEVENT\nBEGIN:VEVENT'])(
    'is none in %j',
    (text) => {
      expect(readInvitation(text, 'REQUEST', 0)).toBeNull();
    },
  );

  it('stays quick with a megabyte of attendees, and with zones made to be expanded', () => {
    const attendees = Array.from(
      { length: 12_000 },
      (_, n) => `ATTENDEE;CN=Person ${n};PARTSTAT=ACCEPTED:mailto:person.${n}@example.com`,
    ).join('\n');
    const zone = OUTLOOK_ZONE.replaceAll('FREQ=YEARLY;INTERVAL=1', 'FREQ=SECONDLY;BYSECOND=1,2,3,4');
    const event = `DTSTART;TZID=W. Europe Standard Time:20260715T100000\n${attendees}`;
    const before = performance.now();
    const found = read(event, { zone });
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(found?.attendees).toHaveLength(limits.maxAttendees);
    expect(found?.attendeeCount).toBe(12_000);
    // The zone is then known by its name alone.
    expect(found?.start?.at).toBe(Date.UTC(2026, 6, 15, 8));
  });
});

describe('a mail with an invitation', () => {
  const ingest = createInlineIngest();
  const open = async (contentType: string, fileName: string, content: string) => {
    const attachments = [{ fileName, contentType, content: Buffer.from(content) }];
    return ingest.open((await ingest.ingest(buildMail({ attachments }))).segments);
  };

  it('shows it by its type or by its name', async () => {
    const text = ics('SUMMARY:Treffen', { method: '' });
    expect((await open('text/calendar; method=CANCEL', 'invite.ics', text)).invitation).toMatchObject({ title: 'Treffen', kind: 'cancel' });
    expect((await open('application/octet-stream', 'Termin.ics', text)).invitation).toMatchObject({ title: 'Treffen', kind: 'event' });
    expect((await open('application/octet-stream', 'Termin.txt', text)).invitation).toBeNull();
  });

  it('leaves one that is too large to its file', async () => {
    const text = ics(`SUMMARY:x\nDESCRIPTION:${'y'.repeat(limits.maxCalendarBytes)}`);
    const opened = await open('text/calendar', 'a.ics', text);
    expect(opened).toMatchObject({ invitation: null, text: 'Hello.' });
    expect(opened.parsed.attachments).toHaveLength(1);
  });
});
