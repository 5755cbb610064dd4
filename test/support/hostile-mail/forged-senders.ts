import { domainToASCII } from 'node:url';

/** The server whose checks are trusted. */
export const MX = 'mx.example.com';
/** Its word that the checks failed. */
export const FAILED = `Authentication-Results: ${MX}; dmarc=fail header.from=bank.example`;
const UNALIGNED = `Authentication-Results: ${MX}; spf=pass smtp.mailfrom=x@evil.test; dkim=pass header.d=evil.test`;
/** The trusted server's own trace line. */
export const HOP = `Received: from evil.test (evil.test [198.51.100.1]) by ${MX} with ESMTP id 1`;
/** An encoded word (RFC 2047) in UTF-8. */
export const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

/** The ways in which senders are forged that "Composition Kills" (Chen, Paxson, Jiang 2020) describes, written anew: header lines. */
export const FORGED: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['s1: envelope of a subdomain that does not exist', [UNALIGNED, HOP, 'From: <admin@bank.example>']],
  ['s2: empty envelope', [`Authentication-Results: ${MX}; spf=none; dkim=none`, HOP, 'From: <admin@bank.example>']],
  ['s3: signed by a domain that does not exist', [FAILED, HOP, 'From: <admin@bank.example>']],
  [
    's4: NUL within the signing domain',
    [`Authentication-Results: ${MX}; dkim=pass header.d=bank.example'a.evil.test`, HOP, 'From: <admin@bank.example>'],
  ],
  [
    's5: comment within the signing domain',
    [`Authentication-Results: ${MX}; dkim=pass header.d=evil.test(.bank.example)`, HOP, 'From: <admin@bank.example>'],
  ],
  [
    's6: quote within the envelope',
    [`Authentication-Results: ${MX}; spf=pass smtp.mailfrom="any@bank.example'@evil.test"`, HOP, 'From: <admin@bank.example>'],
  ],
  [
    's7: several addresses in the envelope',
    [`Authentication-Results: ${MX}; spf=pass smtp.mailfrom="<admin@bank.example>,@evil.test"`, HOP, 'From: <admin@bank.example>'],
  ],
  ['s8: two From fields', ['From: <first@evil.test>', 'From: <admin@bank.example>']],
  ['s9: a From field behind a blank', ['From: <first@evil.test>', 'From : <admin@bank.example>']],
  ['s10: a From field in capitals', ['from: <first@evil.test>', 'FROM: <admin@bank.example>']],
  ['s11: a name folded away', ['From: <first@evil.test>', 'From:', ' <admin@bank.example>']],
  ['s12: From and Sender', ['From: <admin@bank.example>', 'Sender: <first@evil.test>']],
  ['s13: several addresses', ['From: <admin@bank.example>, <second@evil.test>']],
  ['s14: an encoded address', [`From: ${word('<admin@bank.example>')} <second@evil.test>`]],
  ['s15: a route', ['From: <@evil.test,@any.test:admin@bank.example>', 'Sender: x@evil.test']],
  ['s16: a quoted comma', ['From: <admin@bank.example>\\, <second@evil.test>']],
  ['s17: a bare address before one in brackets', ['From: admin@bank.example <second@evil.test>']],
  ['s18: a bare address behind one in brackets', ['From: <second@evil.test> admin@bank.example']],
  ['s19: NUL between addresses', ['From: <admin@bank.example>\0, <second@evil.test>']],
  ['c1: several addresses through an account', ['From: <second@evil.test>, "admin@bank.example" <x@evil.test>']],
  ['c2: the name is an address', ['From: "admin@bank.example" <second@evil.test>']],
  ['c3: a group', ['From: Bank:admin@bank.example,second@evil.test;']],
  ['answers elsewhere', ['From: <admin@bank.example>', 'Reply-To: <second@evil.test>']],
  ['answers elsewhere, from a name that is an address', ['From: "admin@bank.example" <second@evil.test>', 'Reply-To: <third@evil.test>']],
  ['a name that pushes the address away', [`From: "admin@bank.example${' '.repeat(300)}." <second@evil.test>`]],
  ['a name with a wide @', [`From: ${word('admin＠bank.example')} <second@evil.test>`]],
  ['a name that is one’s own domain in Cyrillic letters', [`From: ${word('IT of ехаmple.com')} <second@evil.test>`]],
  ['one’s own domain with a Cyrillic letter', [`From: IT <it@${domainToASCII('еxample.com')}>`]],
  ['nobody at all', ['From: undisclosed']],
];

/** Names that hide, turn round or imitate: the name, and what may be left of it. */
export const NAMES: readonly (readonly [name: string, shown: string])[] = [
  ['\u202Emoc.knab', 'moc.knab'],
  ['Bank\u202D', 'Bank'],
  ['Ba\u200Bnk', 'Bank'],
  ['Ba\u200Cnk', 'Bank'],
  ['Ba\u200Dnk', 'Bank'],
  ['Ba\u2060nk', 'Bank'],
  ['\uFEFFBank', 'Bank'],
  ['Ba\u00ADnk', 'Bank'],
  ['Bank\u2066x\u2069', 'Bankx'],
  ['Bank\u200E', 'Bank'],
  ['Bank\u200F', 'Bank'],
  ['Bank\u061C', 'Bank'],
  ['Ba\u0000nk', 'Bank'],
  ['Bank\u0007', 'Bank'],
  ['Bank\u2028Evil', 'Bank Evil'],
  ['Bank\u0085', 'Bank'],
  ['Ba\uFFF9nk', 'Bank'],
  ['Ba\u180Enk', 'Bank'],
  ['Ba\u115Fnk', 'Bank'],
  ['Ba\u3164nk', 'Bank'],
  ['Ba\u{E0041}nk', 'Bank'],
  ['Ba\u034Fnk', 'Bank'],
  ['Ba\rnk\nEvil', 'Ba nk Evil'],
  // Letters of another script are letters: what they pass for is told by the address beside them.
  ['Ваnk', 'Ваnk'],
  ['Bаnk <admin@bank.example>', 'Bаnk <admin@bank.example>'],
];
