import { z } from 'zod';

/** A point in time of an invitation. */
export const invitationTimeSchema = z.lazy(() =>
  z.strictObject({
    /** Milliseconds since 1970; null for a whole day, and for a time that is the same on every clock. */
    at: z.number().nullable(),
    /** As written: `2026-03-05`, or `2026-03-05T09:30` on the clock of the organiser. */
    local: z.string(),
    /** Time zone as the invitation names it; empty for UTC and where none is named. */
    zone: z.string(),
  }),
);
export type InvitationTime = z.infer<typeof invitationTimeSchema>;

export const weekdaySchema = z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
export type Weekday = z.infer<typeof weekdaySchema>;

/** How often it comes again: the usual rules by their parts, all others as `other`. */
export const recurrenceSchema = z.lazy(() =>
  z.strictObject({
    every: z.enum(['day', 'week', 'month', 'year', 'other']),
    interval: z.number().int().min(1),
    weekdays: z.array(weekdaySchema),
    /** The n-th such weekday of the month, -1 the last; null where a rule does not say so. */
    nth: z.number().int().nullable(),
    count: z.number().int().nullable(),
    until: invitationTimeSchema.nullable(),
  }),
);
export type Recurrence = z.infer<typeof recurrenceSchema>;

export const inviteeSchema = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    address: z.string(),
    answer: z.enum(['accepted', 'declined', 'tentative', 'delegated', 'none']),
    isOptional: z.boolean(),
  }),
);
export type Invitee = z.infer<typeof inviteeSchema>;

/** What an iTIP message (RFC 5546) or a calendar file says of its first event. A claim of the sender. */
export const invitationSchema = z.lazy(() =>
  z.strictObject({
    kind: z.enum(['request', 'update', 'cancel', 'reply', 'counter', 'event']),
    title: z.string(),
    place: z.string(),
    description: z.string(),
    start: invitationTimeSchema.nullable(),
    /** Of whole days the last one. */
    end: invitationTimeSchema.nullable(),
    recurrence: recurrenceSchema.nullable(),
    organiser: inviteeSchema.nullable(),
    attendees: z.array(inviteeSchema),
    /** All of them; `attendees` holds the first. */
    attendeeCount: z.number().int(),
    /** Further events in the same file, not shown. */
    moreEvents: z.number().int(),
    /** The attachment it was read from. */
    attachmentIndex: z.number().int(),
  }),
);
export type Invitation = z.infer<typeof invitationSchema>;
