import ICAL from 'ical.js';
import { limits } from '../../../../shared/limits.ts';
import type { Invitation, InvitationTime, Invitee } from '../../../../shared/model/invitation.ts';
import { cleanLine, cutChars } from '../../mime/clean-text.ts';
import { isAfter, lastDay, readTime } from './event-time.ts';
import { readRecurrence } from './recurrence.ts';

const MAX_LINE_CHARS = 500;
const MAX_DESCRIPTION_CHARS = 20_000;
const ANSWERS: Readonly<Record<string, Invitee['answer']>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'tentative',
  DELEGATED: 'delegated',
};
/** Rules of real time zones have no more parts than these; any other could be made to be expanded for ever. */
const ZONE_RULE_PARTS = new Set(['BYMONTH', 'BYDAY', 'BYMONTHDAY']);
const MAX_ZONE_CHANGES = 500;

/**
 * What a calendar file says of its first event, or null where it holds none or cannot be read.
 * @param method as the mail names it, for files that do not (RFC 6047 2.4)
 */
export function readInvitation(text: string, method: string, attachmentIndex: number): Invitation | null {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text.replace(/^\ufeff/u, '')) as ConstructorParameters<typeof ICAL.Component>[0]);
    if (calendar.name !== 'vcalendar') return null;
    dropStrangeZones(calendar);
    const events = calendar.getAllSubcomponents('vevent');
    const event = events.find((one) => !one.hasProperty('recurrence-id')) ?? events[0];
    if (!event) return null;
    const declared = calendar.getFirstPropertyValue('method') ?? method;
    return { ...eventOf(event), kind: kindOf(String(declared).toUpperCase(), event), moreEvents: seriesIn(events) - 1, attachmentIndex };
  } catch {
    // Not a calendar after all, or a broken one: it stays an attachment that can be saved.
    return null;
  }
}

/** Exceptions of a series share its UID and are no events of their own. */
function seriesIn(events: readonly ICAL.Component[]): number {
  return new Set(events.map((one, n) => String(one.getFirstPropertyValue('uid') ?? n))).size;
}

function dropStrangeZones(calendar: ICAL.Component): void {
  for (const zone of calendar.getAllSubcomponents('vtimezone')) {
    const changes = zone.getAllSubcomponents();
    const isUsual = (change: ICAL.Component): boolean => {
      const rules = change.getAllProperties('rrule').map((one) => one.getFirstValue() as unknown as ICAL.Recur);
      const isPlain = rules.every(({ freq, parts }) => freq === 'YEARLY' && Object.keys(parts).every((name) => ZONE_RULE_PARTS.has(name)));
      return isPlain && rules.length <= 1 && change.getAllProperties('rdate').length <= MAX_ZONE_CHANGES;
    };
    if (changes.length > MAX_ZONE_CHANGES || !changes.every(isUsual)) calendar.removeSubcomponent(zone);
  }
}

function kindOf(method: string, event: ICAL.Component): Invitation['kind'] {
  const isCancelled = String(event.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED';
  if (method === 'CANCEL' || isCancelled) return 'cancel';
  if (method === 'REPLY') return 'reply';
  if (method === 'COUNTER' || method === 'DECLINECOUNTER') return 'counter';
  if (method !== 'REQUEST') return 'event';
  return Number(event.getFirstPropertyValue('sequence') ?? 0) > 0 ? 'update' : 'request';
}

function eventOf(event: ICAL.Component): Omit<Invitation, 'kind' | 'moreEvents' | 'attachmentIndex'> {
  const line = (name: string): string => cleanLine(String(event.getFirstPropertyValue(name) ?? ''), MAX_LINE_CHARS);
  const attendees = event.getAllProperties('attendee');
  const organiser = event.getFirstProperty('organizer');
  const { start, end } = timesOf(event);
  const rule = event.getFirstPropertyValue('rrule');
  const startTime = event.getFirstPropertyValue('dtstart');
  return {
    title: line('summary'),
    place: line('location'),
    description: cutChars(String(event.getFirstPropertyValue('description') ?? '').trim(), MAX_DESCRIPTION_CHARS),
    start,
    end,
    recurrence:
      rule instanceof ICAL.Recur && startTime instanceof ICAL.Time
        ? readRecurrence(rule, startTime, zoneParameter(event, 'dtstart'))
        : null,
    organiser: organiser ? inviteeOf(organiser) : null,
    attendees: attendees.slice(0, limits.maxAttendees).map(inviteeOf),
    attendeeCount: attendees.length,
  };
}

function zoneParameter(event: ICAL.Component, name: string): string {
  return String(event.getFirstProperty(name)?.getFirstParameter('tzid') ?? '');
}

function timesOf(event: ICAL.Component): { start: InvitationTime | null; end: InvitationTime | null } {
  const begins = event.getFirstPropertyValue('dtstart');
  if (!(begins instanceof ICAL.Time)) return { start: null, end: null };
  const start = readTime(begins, zoneParameter(event, 'dtstart'));
  const ends = event.getFirstPropertyValue('dtend');
  const duration = event.getFirstPropertyValue('duration');
  if (begins.isDate) {
    const until = ends instanceof ICAL.Time ? ends : duration instanceof ICAL.Duration ? plus(begins, duration) : null;
    return { start, end: until ? lastDay(begins, until) : null };
  }
  const named = ends instanceof ICAL.Time ? readTime(ends, zoneParameter(event, 'dtend')) : null;
  const end = named ?? (duration instanceof ICAL.Duration ? readTime(plus(begins, duration), zoneParameter(event, 'dtstart')) : null);
  return { start, end: end && isAfter(end, start) ? end : null };
}

function plus(time: ICAL.Time, duration: ICAL.Duration): ICAL.Time {
  const end = time.clone();
  end.addDuration(duration);
  return end;
}

function inviteeOf(property: ICAL.Property): Invitee {
  const parameter = (name: string): string => String(property.getFirstParameter(name) ?? '');
  const address = String(property.getFirstValue() ?? '').replace(/^mailto:/iu, '');
  return {
    name: cleanLine(parameter('cn'), MAX_LINE_CHARS),
    address: cleanLine(address, MAX_LINE_CHARS),
    answer: ANSWERS[parameter('partstat').toUpperCase()] ?? 'none',
    isOptional: parameter('role').toUpperCase() === 'OPT-PARTICIPANT',
  };
}
