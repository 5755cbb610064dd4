import { describe, expect, it } from 'vitest';
import { readOrdinary } from '../../main/engine/ingest/ordinary-reader.ts';
import { generateBenchMailbox } from '../bench/generate-mailbox.mjs';
import { bothReadings, readSource } from '../support/ordinary-check.ts';

const mail = (head: string, body = 'text\r\n', type = 'text/plain; charset=utf-8'): Buffer =>
  Buffer.from(`${head}\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}`);
const HEAD = 'From: Anna <anna@example.com>\r\nSubject: s';

const ordinary: Readonly<Record<string, Buffer>> = {
  'a bare address': mail('From: anna@example.com\r\nSubject: s'),
  'a quoted name with a comma': mail('From: "Berg, Anna" <anna@example.com>\r\nTo: "Os, B." <b@example.com>, c@example.com'),
  'a name with dots and umlauts as encoded words': mail(
    'From: =?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= <jg@example.com>\r\nSubject: =?UTF-8?B?w5xiZXI=?=',
  ),
  'a subject folded between encoded words': mail('From: a@example.com\r\nSubject: =?utf-8?q?Schl=C3=BC?=\r\n =?utf-8?q?ssel?= und Ring'),
  'folded addresses': mail('From: a@example.com\r\nTo: Anna <anna@example.com>,\r\n\tBernd <b@example.com>'),
  'no subject and no people': mail('Date: Mon, 23 Nov 2026 10:00:00 +0000'),
  'an empty body': mail(HEAD, ''),
  'Latin-1 text': Buffer.concat([mail(HEAD, '', 'text/plain; charset=iso-8859-1'), Buffer.from('für\r\n', 'latin1')]),
  'HTML alone': mail(HEAD, '<p>Grüße</p>\r\n', 'text/html; charset="UTF-8"'),
  'a plain text and its HTML twin': mail(
    HEAD,
    '--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>grün</b>\r\n--b--\r\n',
    'multipart/alternative; boundary=b',
  ),
};

const unusual: Readonly<Record<string, Buffer>> = {
  'two From fields': mail('From: a@example.com\r\nFrom: b@example.com'),
  'a group': mail('From: a@example.com\r\nTo: Team: b@example.com, c@example.com;'),
  'a comment': mail('From: a@example.com (Anna)'),
  'an escape in a name': mail('From: "An\\"na" <a@example.com>'),
  'a quotation without end': mail('From: a@example.com\r\nTo: "Dr. Berg <b@example.com>'),
  'a name that is an address': mail('From: ceo@bank.example <a@example.com>'),
  'a domain in Punycode': mail('From: a@xn--mller-kva.example'),
  'raw 8-bit in the subject': mail('From: a@example.com\r\nSubject: Grüße'),
  'an encoded word in a rare charset': mail('From: a@example.com\r\nSubject: =?koi8-r?q?=C1?='),
  'an encoded word without its begin': mail('From: a@example.com\r\nSubject: =7utf-8?q?a?=\r\n b'),
  'half an encoded word': mail('From: a@example.com\r\nSubject: =?utf-8?q?a'),
  'flowed text': mail(HEAD, 'a \r\nb\r\n', 'text/plain; charset=utf-8; format=flowed'),
  'bytes that are not of the charset': Buffer.concat([mail(HEAD, ''), Buffer.from('für\r\n', 'latin1')]),
  'Windows characters called Latin-1': Buffer.concat([mail(HEAD, '', 'text/plain; charset=iso-8859-1'), Buffer.from([0x80, 13, 10])]),
  'two plain texts': mail(
    HEAD,
    '--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--b--\r\n',
    'multipart/mixed; boundary=b',
  ),
};

describe('reading without a parser', () => {
  it.each(Object.entries(ordinary))('gives what mailparser gives for %s', async (_, raw) => {
    const both = await bothReadings(raw);
    expect(both, 'is ordinary').not.toBeNull();
    expect(both?.quick).toEqual(both?.parser);
  });

  it.each(Object.entries(unusual))('leaves %s to the parser', (_, raw) => {
    expect(readOrdinary(readSource(raw))).toBeNull();
  });

  it('gives what mailparser gives for 300 mails of a company, and is used for nearly all', async () => {
    let quick = 0;
    for (const { raw } of generateBenchMailbox({ seed: 7, count: 300, totalBytes: 6e6, now: 1_764_000_000_000 })) {
      const both = await bothReadings(raw);
      if (both === null) continue;
      quick += 1;
      expect(both.quick).toEqual(both.parser);
    }
    expect(quick).toBeGreaterThan(280);
  });
});
