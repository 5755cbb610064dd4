import type { Invitation, Invitee } from '../../../shared/model/invitation.ts';
import type { Protection } from '../../../shared/model/message.ts';
import { counted } from '../counted.ts';

const n = counted('en');
const NTH: Readonly<Record<number, string>> = { 1: 'first', 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth', [-1]: 'last' };
const ONE = { day: 'Every day', week: 'Every week', month: 'Every month', year: 'Every year', other: 'Repeats' };
const MANY = { day: 'days', week: 'weeks', month: 'months', year: 'years', other: '' };
const METHOD = { smime: 'S/MIME', pgp: 'PGP' };
type Every = keyof typeof ONE;

export const invitation = {
  kinds: {
    request: 'Invitation',
    update: 'Updated invitation',
    cancel: 'Cancelled',
    reply: 'Answer to an invitation',
    counter: 'Another time is proposed',
    event: 'Calendar entry',
  } satisfies Record<Invitation['kind'], string>,
  noTitle: '(no title)',
  when: 'When',
  noTime: 'No time given',
  allDay: 'all day',
  atOrganiser: (time: string, zone: string) => `${time} in the time zone of the invitation (${zone})`,
  unknownZone: (zone: string) => `In the time zone “${zone}”, which is not known here`,
  repeats: 'Repeats',
  every: (every: Every, interval: number) => (every === 'other' || interval === 1 ? ONE[every] : `Every ${interval} ${MANY[every]}`),
  onDays: (days: string) => `on ${days}`,
  onNth: (nth: number, day: string) => `on the ${NTH[nth]} ${day}`,
  workdays: 'Every day from Monday to Friday',
  until: (day: string) => `until ${day}`,
  times: (count: number) => n(count, 'once', '# times'),
  where: 'Where',
  organiser: 'Organiser',
  attendees: 'Attendees',
  answers: {
    accepted: 'accepts',
    declined: 'declines',
    tentative: 'accepts tentatively',
    delegated: 'has delegated',
    none: '',
  } satisfies Record<Invitee['answer'], string>,
  isOptional: 'optional',
  showAll: (count: number) => n(count, 'Show # more', 'Show # more'),
  notListed: (count: number) => n(count, '# more person is not listed.', '# more people are not listed.'),
  moreEvents: (count: number) => n(count, 'The file holds # more event.', 'The file holds # more events.'),
  addToCalendar: 'Add to calendar …',
  addHint: 'Saves the invitation as a file that your calendar opens. Nothing is answered.',
};

export const protection = {
  signed: ({ by, isPartial }: Protection) =>
    `${isPartial ? 'A part of this message is signed' : 'Signed'} (${METHOD[by]}). The signature was not checked.`,
  signedInside: 'The text lies inside the signed file. It cannot be shown here; the file can be saved.',
  encrypted: ({ by, isPartial }: Protection) =>
    `${isPartial ? 'A part of this message is encrypted' : 'Encrypted'} (${METHOD[by]}). Holdover cannot open it.`,
  encryptedFile: 'It is kept here as it is and can be saved as a file.',
  encryptedText: 'It is kept here as it is.',
};

export const more = {
  label: 'More',
  headers: 'Show the header lines',
  hideHeaders: 'Show message',
  headersTitle: 'Header lines of the message',
  saveMail: 'Save as .eml …',
  print: 'Print …',
  notPrinted: 'Nothing was printed.',
  saved: (name: string) => `Saved as “${name}”.`,
};

export const inner = {
  open: 'Open',
  openNamed: (name: string) => `Open “${name}”`,
  back: 'Back',
  inMessage: (name: string) => `Attached: ${name}`,
  tooDeep: 'Nested too deep to be opened here. It can be saved.',
  failed: 'This attachment could not be opened. It can be saved.',
  files: 'Files in this attachment',
  loading: 'Opening …',
};

export const pdf = {
  page: (page: number, of: number) => `Page ${page} of ${of}`,
  loading: 'Opening the document …',
  failed: 'This document could not be shown. It can be saved.',
  protected: 'This document asks for a password. It can be saved.',
  tooManyPages: (count: number) => n(count, 'Only the first # page is shown.', 'Only the first # pages are shown.'),
  safe: 'Shown as pictures: scripts, forms and links in the document do nothing here.',
};

export const conversation = {
  label: 'Conversation',
  place: (at: number, of: number) => `Message ${at} of ${of}`,
  older: 'Older messages of the conversation',
  newer: 'Newer messages of the conversation',
  previous: 'Previous message (p)',
  next: 'Next message (n)',
  omitted: (count: number) => (count === 1 ? '1 older message is not listed.' : `${count} older messages are not listed.`),
  unread: 'Unread',
  draft: 'Draft',
};
