import type { ContentKind } from '../../../shared/model/content-kind.ts';
import type { DangerCode, SenderFindingCode } from '../../../shared/model/trust.ts';
import type { LinkWarning } from '../../mail/link-warnings.ts';
import { counted } from '../counted.ts';

const n = counted('en');

/** A reason in one line, and what it means. */
export interface CareText {
  readonly short: (named: string, real: string) => string;
  readonly long: string;
}

/** What is said about mail that should not be trusted at once; loaded with the first mail that is opened. */
export const care = {
  region: 'What to know about this message',
  details: (count: number) => n(count, 'Details', 'Details (#)'),
  hideDetails: 'Hide details',
  more: (count: number) => n(count, '# more remark', '# more remarks'),
  sender: {
    'auth-failed': {
      short: (_named, real) => `Your mail server could not confirm that this message comes from ${real}.`,
      long: 'The checks of your mail server (DKIM, SPF, DMARC) failed. The sender may be forged. When in doubt, ask them in another way.',
    },
    'auth-missing': {
      short: (_named, real) => `No check by your mail server confirms ${real} as the sender.`,
      long: 'Not every honest sender signs their mail. It only means that the sender is not proved.',
    },
    'name-has-address': {
      short: (named, real) => `The sender’s name shows ${named}, but the message comes from ${real}.`,
      long: 'The name of a sender can be chosen freely. Only the address in angle brackets is where the message came from.',
    },
    'name-of-contact': {
      short: (named, real) => `You know this name by the address ${named}. This message comes from ${real}.`,
      long: 'It may be the same person at another address, or somebody who borrows the name.',
    },
    'name-has-domain': {
      short: (named, real) => `The sender’s name mentions ${named}, but the message comes from ${real}.`,
      long: 'The name of a sender can be chosen freely. Only the address counts.',
    },
    'look-alike-domain': {
      short: (named, real) => `The sender’s address (${real}) looks like ${named}, but is another one.`,
      long: 'Addresses that differ by a letter are a common trick. Compare it letter by letter before you answer.',
    },
    'odd-domain': {
      short: (named) => `The sender’s address (${named}) mixes letters that look like others.`,
      long: 'Letters of other alphabets can look the same. Such an address is seldom an honest one.',
    },
    'several-from': {
      short: (named) =>
        named === '' ? 'This message names its sender more than once.' : `This message names more than one sender, ${named} among them.`,
      long: 'Programs disagree about who sent such a message. Check who it really comes from before you act on it.',
    },
    'sender-differs': {
      short: (named) => `It was sent by ${named} on behalf of the person named as author.`,
      long: 'That is usual for mailing lists and assistants. Your mail program shows the author.',
    },
    'no-address': {
      short: () => 'This message names no sender’s address.',
      long: 'It cannot be said where it comes from, and it cannot be answered.',
    },
    'reply-elsewhere': {
      short: (named, real) => `Answers go to ${named}, not to ${real}.`,
      long: 'The sender asks for answers at another place. That is usual for newsletters and ticket systems, and a common trick of fraud.',
    },
    'first-mail': {
      short: (_named, real) => `First message from ${real} that is kept here.`,
      long: 'No earlier mail from this address, or to it, has been seen on this computer.',
    },
  } satisfies Record<SenderFindingCode, CareText>,
  links: {
    'other-host': {
      short: (named) => `A link shows another address than the one it leads to (${named}).`,
      long: 'Before a link is opened you see where it really leads. Newsletters that count clicks do this too.',
    },
    'look-alike': {
      short: (named) => `A link leads to ${named}, a name made to look like another one.`,
      long: 'The name is written so that it can be taken for one you know. Better type the address you know yourself.',
    },
    'mixed-scripts': {
      short: (named) => `A link leads to ${named}, a name that mixes letters of different alphabets.`,
      long: 'Letters of other alphabets can look the same. Such a name is seldom an honest one.',
    },
    'inner-domain': {
      short: (named) => `A link leads to ${named}. Only the end of this name says whose it is.`,
      long: 'Names of known sites are put in front to deceive. What counts are the last parts of the name.',
    },
    'number-host': {
      short: (named) => `A link leads to a computer without a name (${named}).`,
      long: 'Honest sites have names. Within your company this can be in order.',
    },
    'odd-host': {
      short: (named) => `A link is written in an unusual way (${named}).`,
      long: 'A full stop at the end of the name can mislead filters.',
    },
    'foreign-letters': {
      short: (named) => `A link leads to ${named}, a name with letters beyond a to z.`,
      long: 'Such letters can look like others.',
    },
    scheme: {
      short: () => 'A link would start something on your computer. It cannot be opened here.',
      long: 'It is no address of a website. Links of this kind serve to run programs or scripts.',
    },
    'user-name': {
      short: (named) => `A link hides its target behind a user name (${named}). It cannot be opened here.`,
      long: 'What stands before the @ looks like a website and is none.',
    },
    unclear: {
      short: (named) => `A link is written so that programs read it differently (${named}). It cannot be opened here.`,
      long: 'Backslashes, escapes or line ends in an address serve to hide where it leads.',
    },
  } satisfies Record<LinkWarning, CareText>,
  dangers: {
    runs: {
      short: (named) => `The attachment “${named}” is a program or can start one.`,
      long: 'Save and open it only if you expected it and know who sent it.',
    },
    'web-page': {
      short: (named) => `The attachment “${named}” opens in a browser and can imitate a log-in page.`,
      long: 'Never type a password into a page that came as an attachment.',
    },
    macros: {
      short: (named) => `The attachment “${named}” is a document that can hold macros.`,
      long: 'Macros are small programs. Do not allow them unless you expected the document.',
    },
    'disk-image': {
      short: (named) => `The attachment “${named}” is a disk image. Programs are hidden in such files.`,
      long: 'Files in a disk image are often not marked as coming from the internet.',
    },
    shortcut: {
      short: (named) => `The attachment “${named}” is a shortcut that can start something else.`,
      long: 'Honest senders hardly ever send shortcuts.',
    },
    settings: {
      short: (named) => `The attachment “${named}” can change settings of your computer.`,
      long: 'Open it only if your IT department told you to.',
    },
    'double-ending': {
      short: (named) => `The attachment “${named}” pretends to be a document and is none.`,
      long: 'Only the last ending of a file name counts.',
    },
    'other-type': {
      short: (named) => `The attachment “${named}” is declared as something else than its name says.`,
      long: 'Its declared type is one that can run or open as a web page.',
    },
    'holds-risky': {
      short: (named) => `The archive “${named}” holds files that can change your computer.`,
      long: 'Unpack it only if you expected it and know who sent it.',
    },
    'locked-archive': {
      short: (named) => `“${named}” is locked by a password and cannot be checked.`,
      long: 'Virus scanners cannot look into it either. A password in the same message protects nothing.',
    },
    'unclear-archive': {
      short: (named) => `The archive “${named}” cannot be looked into.`,
      long: 'What is in it is seen only when it is unpacked.',
    },
    disguised: {
      short: (named, real) => `The attachment “${named}” is not what its name says: it is ${real}.`,
      long: 'Its first bytes tell what it is. Whoever hides that behind another name has a reason to.',
    },
    'other-content': {
      short: (named, real) => `The attachment “${named}” is not what its name says: it is ${real}.`,
      long: 'That is often an oversight. Programs may refuse to open it, or open it differently than you expect.',
    },
    'has-macros': {
      short: (named) => `The document “${named}” holds macros.`,
      long: 'Macros are small programs. Do not allow them unless you expected the document.',
    },
    'pdf-acts': {
      short: (named) => `The PDF “${named}” holds scripts, or starts something when it is opened.`,
      long: 'Forms use scripts, too. Open it only if you expected it, and allow nothing it asks for.',
    },
    'embedded-file': {
      short: (named) => `The document “${named}” has other files embedded in it.`,
      long: 'Embedded files can be programs. Do not open them from within the document.',
    },
    'remote-template': {
      short: (named) => `The document “${named}” fetches a template from the internet when it is opened.`,
      long: 'Macros can come in with a template. Open it only if you expected it.',
    },
  } satisfies Record<DangerCode, CareText>,
  /** What a file is by its bytes. */
  contents: {
    program: 'a program',
    script: 'a script',
    'web-page': 'a web page',
    shortcut: 'a shortcut',
    settings: 'a file that changes settings',
    'disk-image': 'a disk image',
    archive: 'an archive',
    document: 'a document',
    pdf: 'a PDF',
    picture: 'a picture',
    markup: 'a web page',
  } satisfies Record<ContentKind, string>,
  /** Beside an attachment's name. */
  marks: {
    really: (real: string) => `really ${real}`,
    byCode: {
      'locked-archive': 'locked',
      'unclear-archive': 'cannot be looked into',
      'holds-risky': 'holds risky files',
      'has-macros': 'holds macros',
      'pdf-acts': 'holds scripts or actions',
      'embedded-file': 'holds other files',
      'remote-template': 'fetches a template',
    } as Readonly<Partial<Record<DangerCode, string>>>,
  },
  /** In place of a preview. */
  notShown: 'This file is not shown here: by its content it is not what its name says, or it can start something.',
  holds: (name: string) => `Found in it: ${name}`,
  risk: {
    title: 'Save this file?',
    save: 'Save anyway …',
    cancel: 'Do not save',
    hint: 'It is saved without the right to be run, and marked as coming from the internet where your system knows such a mark.',
  },
  link: {
    cannotOpen: 'This link is not opened',
    readAs: 'In its own letters',
    close: 'Close',
  },
  textInstead:
    'The layout of this message takes too much to draw. You see only its text, perhaps not all of it. The source has everything.',
  images: {
    blocked: (count: number) =>
      n(
        count,
        '# image from the internet was not loaded, so the sender does not learn that you read this.',
        '# images from the internet were not loaded, so the sender does not learn that you read this.',
      ),
    show: 'Show the images of this message',
    loading: 'Images are being loaded …',
    shown: (count: number) => n(count, '# image was loaded, for this message only.', '# images were loaded, for this message only.'),
    trackers: (count: number) => n(count, '# tracker was blocked.', '# trackers were blocked.'),
    failed: (count: number) => n(count, '# image could not be loaded safely.', '# images could not be loaded safely.'),
    forbidden: 'Your IT department does not allow images to be loaded.',
  },
};

export type CareWords = typeof care;
