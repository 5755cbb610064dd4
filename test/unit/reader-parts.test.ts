import { describe, expect, it } from 'vitest';
import { DateGroups, groupStarts } from '../../renderer/list/date-groups.ts';
import { firstPeople, fullPerson } from '../../renderer/mail/people.ts';

const DAY = 86_400_000;

describe('rows that begin a group of the list', () => {
  const now = new Date(2026, 5, 17, 12).getTime();
  const groups = new DateGroups('en-GB', { today: 'Today', yesterday: 'Yesterday' }, now);
  const dates: (number | undefined)[] = [now, now - 1, now - DAY, undefined, now - 3 * DAY, now - 3 * DAY - 1, now - 4 * DAY];
  const dateAt = (index: number) => (index < 0 ? null : dates[index]);

  it('are the first, and those of another day than the row before', () => {
    expect(groupStarts(groups, 0, 3, dateAt)).toEqual([0, 2]);
  });

  it('are not guessed where the row, or the one before it, is not loaded', () => {
    expect(groupStarts(groups, 0, dates.length, dateAt)).toEqual([0, 2, 6]);
  });

  it('are looked for in the asked part only', () => {
    expect(groupStarts(groups, 1, 2, dateAt)).toEqual([]);
    expect(groupStarts(groups, 5, dates.length, dateAt)).toEqual([6]);
  });
});

describe('people in the head of a mail', () => {
  it('stand with name and address, and once where both are the same', () => {
    expect(fullPerson({ name: 'Anna', address: 'anna@example.com' })).toBe('Anna <anna@example.com>');
    expect(fullPerson({ name: '', address: 'anna@example.com' })).toBe('anna@example.com');
    expect(fullPerson({ name: 'anna@example.com', address: 'anna@example.com' })).toBe('anna@example.com');
  });

  it('never hide or turn round an address', () => {
    expect(fullPerson({ name: 'boss@bank.example\u202e', address: 'a\u200b@evil.example' })).not.toMatch(/[\u202e\u200b]/u);
  });

  it('are named in a line up to the third', () => {
    const people = ['A', 'B', '', 'D'].map((name, n) => ({ name, address: `${n}@example.com` }));
    expect(firstPeople(people)).toBe('A, B, 2@example.com');
    expect(firstPeople([])).toBe('');
  });
});
