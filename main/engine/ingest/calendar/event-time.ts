import type ICAL from 'ical.js';
import { findIana } from 'windows-iana';
import type { InvitationTime } from '../../../../shared/model/invitation.ts';
import { cleanLine } from '../../mime/clean-text.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MAX_ZONE_CHARS = 100;
const two = (value: number): string => String(value).padStart(2, '0');
const dayOf = (time: ICAL.Time): string => `${String(time.year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}`;

/** A name that `Intl` knows for a zone as it is named in a calendar: its own, that of Windows, or one behind a path (`/example.org/Europe/Berlin`). */
function zoneNamed(tzid: string): string | null {
  const path = /[A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_-]+)?$/u.exec(tzid)?.[0];
  for (const name of [tzid, findIana(tzid)[0], path]) {
    if (name === undefined) continue;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    } catch {
      // not a name that this system knows; the next one may be
    }
  }
  return null;
}

/** How far the clocks of a zone are ahead of UTC at this moment. */
function offsetAt(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-u-ca-gregory', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000
  );
}

/** The moment at which clocks of a zone show this; where they show it twice, or never, by the offset before the change (RFC 5545 3.3.5). */
function momentOnClock(zone: string, clock: number): number {
  const [before, after] = [offsetAt(zone, clock - DAY), offsetAt(zone, clock + DAY)];
  const isShown = offsetAt(zone, clock - before) === before;
  return !isShown && offsetAt(zone, clock - after) === after ? clock - after : clock - before;
}

/** A time of an event. The zone it names is looked up in the file, then by its name. */
export function readTime(time: ICAL.Time, tzid: string): InvitationTime {
  if (time.isDate) return { at: null, local: dayOf(time), zone: '' };
  const local = `${dayOf(time)}T${two(time.hour)}:${two(time.minute)}`;
  const clock = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  const named = time.zone?.tzid ?? 'floating';
  if (named === 'UTC' || named === 'Z') return { at: clock, local, zone: '' };
  const zone = cleanLine(named === 'floating' ? tzid : named, MAX_ZONE_CHARS);
  if (named !== 'floating') return { at: time.toUnixTime() * 1000, local, zone };
  const known = zone === '' ? null : zoneNamed(tzid);
  return { at: known === null ? null : momentOnClock(known, clock), local, zone };
}

/** The last day of an event of whole days: the end is the first day that is no longer part of it (RFC 5545 3.6.1). */
export function lastDay(start: ICAL.Time, end: ICAL.Time): InvitationTime {
  const last = end.clone();
  if (last.compareDateOnlyTz(start, start.zone) > 0) last.adjust(-1, 0, 0, 0);
  return { at: null, local: dayOf(last), zone: '' };
}

/** Whether this end says anything: not before its start. */
export const isAfter = (end: InvitationTime, start: InvitationTime): boolean =>
  end.at !== null && start.at !== null ? end.at - start.at >= MINUTE : end.local > start.local;
