import { createHash } from 'node:crypto';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { IngestedSource, ParsedMessage } from '../../main/engine/ingest/protocol.ts';
import { decodeSegment } from '../../main/engine/ingest/segment-codec.ts';
import { limits } from '../../shared/limits.ts';
import { reportFigure } from '../support/figures.ts';
import { bothReadings } from '../support/ordinary-check.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { buildSampleMailbox, type SampleMessage } from '../support/sample-mail/index.mjs';
import { isFull } from '../support/this-run.ts';

const MUTANTS = isFull ? 100_000 : 420;
/** Processor time, since neighbours share the machine. M1 asks for 500 ms: see the figure. */
const MAX_MS = 2000;

const ingest = createInlineIngest();
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let made: readonly SampleMessage[] | null = null;
function samples(): readonly SampleMessage[] {
  if (made !== null) return made;
  const { primary, relay } = buildSampleMailbox({ now: new Date('2025-11-20T12:00:00Z') });
  made = [...primary, ...relay].flatMap((mailbox) => mailbox.messages);
  return made;
}

interface Read extends IngestedSource {
  readonly ms: number;
}

async function read(raw: Buffer): Promise<Read> {
  const before = process.cpuUsage();
  const answer = await ingest.ingest(Buffer.from(raw));
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  expect(sha(Buffer.concat(answer.segments.map(decodeSegment)))).toBe(sha(raw));
  expect(Buffer.from(answer.digest.raw).toString('hex')).toBe(sha(raw));
  expectBounded(answer.parsed);
  return { ...answer, ms };
}

function expectBounded(parsed: ParsedMessage): void {
  expect(parsed.subject.length).toBeLessThanOrEqual(limits.maxSubjectChars);
  expect(parsed.preview.length).toBeLessThanOrEqual(limits.maxPreviewChars);
  expect(parsed.preview).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/u);
  expect(parsed.attachments.length).toBeLessThanOrEqual(limits.maxMimeParts);
  parsed.attachments.forEach((one, at) => {
    expect(one.index).toBe(at);
    expect(one.fileName).toMatch(/^[^/\\\u0000-\u001f]{1,255}$/u);
  });
}

/** The other parser writes line ends of what is made of lines as LF, which is not what was sent. */
function withLf(content: Uint8Array): string {
  return sha(Buffer.from(Buffer.from(content).toString('latin1').replace(/\r\n/g, '\n').trimEnd(), 'latin1'));
}

function withoutC1(text: string): string {
  return text
    .replace(/[\u0080-\u009f–—„“”‘’€]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

type Mutation = (raw: Buffer, random: SeededRandom, other: Buffer) => Buffer;

const at = (raw: Buffer, random: SeededRandom) => random.int(0, Math.max(0, raw.length - 1));
const insert = (raw: Buffer, where: number, bytes: Buffer) => Buffer.concat([raw.subarray(0, where), bytes, raw.subarray(where)]);

/** Structure-aware damage: each makes one kind of broken mail out of a good one. */
const mutations: Readonly<Record<string, Mutation>> = {
  flipBits: (raw, random) => {
    const copy = Buffer.from(raw);
    for (let n = random.int(1, 30); n > 0; n--) {
      const where = at(raw, random);
      copy[where] = (copy[where] as number) ^ (1 << random.int(0, 7));
    }
    return copy;
  },
  truncate: (raw, random) => raw.subarray(0, random.int(0, Math.ceil(raw.length / 64)) * 64),
  splice: (raw, random, other) => {
    const start = at(other, random);
    return insert(raw, at(raw, random), other.subarray(start, start + random.int(1, 4000)));
  },
  cutOut: (raw, random) => {
    const start = at(raw, random);
    return Buffer.concat([raw.subarray(0, start), raw.subarray(start + random.int(1, 2000))]);
  },
  swapBoundary: (raw, random) => {
    const names = [...raw.toString('latin1').matchAll(/boundary="?([^"\r\n;]+)/g)].map((match) => match[1] as string);
    if (names.length === 0) return raw;
    return Buffer.from(raw.toString('latin1').replaceAll(random.pick(names), random.pick([...names, '', 'x', '-', '--'])), 'latin1');
  },
  doubleHeaders: (raw, random) => {
    const end = Math.max(0, raw.indexOf('\r\n\r\n'));
    const lines = raw.subarray(0, end).toString('latin1').split('\r\n');
    const doubled = lines.flatMap((line) => (random.bool(0.3) ? [line, line] : [line])).join('\r\n');
    return Buffer.concat([Buffer.from(doubled, 'latin1'), raw.subarray(end)]);
  },
  lieAboutCharset: (raw, random) =>
    Buffer.from(
      raw
        .toString('latin1')
        .replace(
          /charset="?[^"\r\n;]+"?/gi,
          () => `charset=${random.pick(['utf-16', 'utf-7', 'iso-2022-jp', 'x-none', '', 'big5', 'utf-8', '"'])}`,
        ),
      'latin1',
    ),
  lieAboutEncoding: (raw, random) =>
    Buffer.from(
      raw
        .toString('latin1')
        .replace(
          /(content-transfer-encoding:) *[\w-]+/gi,
          (_, name: string) => `${name} ${random.pick(['base64', 'quoted-printable', '8bit', 'x-uuencode', 'binary', ''])}`,
        ),
      'latin1',
    ),
  nul: (raw, random) => insert(raw, at(raw, random), Buffer.alloc(random.int(1, 50))),
  bareCr: (raw) => Buffer.from(raw.toString('latin1').replace(/\r\n/g, '\r'), 'latin1'),
  longLine: (raw, random) => insert(raw, at(raw, random), Buffer.alloc(random.int(1000, 300_000), 'A')),
  nest: (raw, random) => {
    const depth = random.int(2, 1000);
    const opening = Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=n${i}\r\n\r\n--n${i}\r\n`).join('');
    return Buffer.concat([Buffer.from(opening), raw]);
  },
  repeatParts: (raw, random) => {
    const match = /\r\n(--[^\r\n]{5,80})\r\n/.exec(raw.toString('latin1'));
    return match ? insert(raw, match.index, Buffer.from(`\r\n${match[1] as string}\r\n\r\nx`.repeat(random.int(2, 3000)))) : raw;
  },
  dropColons: (raw) => Buffer.from(raw.toString('latin1').replace(/^([\w-]+):/gm, '$1'), 'latin1'),
};

/** The n-th mutant: damage of one kind, sometimes of two. */
function mutantOf(all: readonly SampleMessage[], n: number): { raw: Buffer; kind: string } {
  const random = seededRandom(n);
  const kinds = Object.keys(mutations);
  const kind = kinds[n % kinds.length] as string;
  let raw = (mutations[kind] as Mutation)(random.pick(all).raw, random, random.pick(all).raw);
  if (random.bool(0.3)) raw = (mutations[random.pick(kinds)] as Mutation)(raw, random, random.pick(all).raw);
  return { raw, kind };
}

/** That all line ends are read alike (M3) is tested over the same mails and the malformed ones: malformed-mail.test.ts. */
describe('broken MIME', () => {
  it('M1 every sample mail is read without an exception and kept exactly', async () => {
    let slowest = 0;
    const all = samples();
    for (const { raw } of all) slowest = Math.max(slowest, (await read(raw)).ms);
    expect(slowest).toBeLessThan(MAX_MS);
    reportFigure('M1 mails read and kept exactly', { mails: all.length, exceptions: 0, slowestMs: Math.round(slowest) });
  });

  it('M2 attachments are what an independent parser finds in well-formed mail', async () => {
    let attachments = 0;
    let mails = 0;
    for (const { raw, isMalformed, name } of samples()) {
      if (isMalformed) continue;
      mails++;
      const { segments, parsed } = await read(raw);
      const oracle = await PostalMime.parse(raw, { forceRfc822Attachments: true });
      // A delivery status is shown as text here, and listed as an attachment there.
      const isShown = (one: { mimeType: string }) => one.mimeType === 'message/delivery-status';
      const theirs = oracle.attachments.filter((one) => !isShown(one)).map((one) => new Uint8Array(one.content as ArrayBuffer));
      for (const one of oracle.attachments.filter(isShown)) {
        const words = Buffer.from(one.content as ArrayBuffer)
          .toString('utf8')
          .trim()
          .split('\n')[0] as string;
        expect((await ingest.open(segments)).text).toContain(words.trim());
      }
      const ours: string[] = [];
      for (const { index, sizeBytes } of parsed.attachments) {
        const { content } = await ingest.attachment(segments, index, limits.maxSourceBytes);
        expect(content.length).toBe(sizeBytes);
        ours.push(sha(content), withLf(content));
      }
      for (const one of theirs) expect(ours.includes(sha(one)) || ours.includes(withLf(one)), name).toBe(true);
      // Node's own Windows-1252 decoder, which the oracle uses, gives C1 controls for dashes and quotes: only the rest compares.
      expect(withoutC1(oracle.subject ?? ''), name).toBe(withoutC1(parsed.subject));
      expect(oracle.attachments.map((one) => one.filename).filter(Boolean).length, name).toBeLessThanOrEqual(parsed.attachments.length);
      attachments += theirs.length;
    }
    reportFigure('M2 subjects and attachments equal to a second parser', { mails, attachments, lost: 0 });
  });

  it(`M4 ${MUTANTS} mutants are read in bounded time and kept exactly`, async () => {
    const all = samples().filter((one) => one.raw.length < 200_000);
    let slowest = 0;
    let slowestKind = '';
    let parseFailed = 0;
    const heapBefore = process.memoryUsage().heapUsed;
    for (let n = 0; n < MUTANTS; n++) {
      const { raw, kind } = mutantOf(all, n);
      const { ms, parsed } = await read(raw);
      if (parsed.problems.some((one) => one.code === 'parse-failed')) parseFailed++;
      if (ms > slowest) [slowest, slowestKind] = [ms, kind];
      expect(ms, `mutant ${n}, ${kind}`).toBeLessThan(MAX_MS);
    }
    const heapGrowthMb = Math.round((process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024);
    reportFigure('M4 mutants', {
      mutants: MUTANTS,
      kinds: Object.keys(mutations).length,
      crashes: 0,
      parseFailed,
      slowestMs: Math.round(slowest),
      slowestKind,
      heapGrowthMb,
    });
  });

  it(`the reading without a parser is mailparser's, for every sample and ${MUTANTS} mutants it takes`, async () => {
    const all = samples().filter((one) => one.raw.length < 200_000);
    let [taken, of] = [0, 0];
    const check = async (raw: Buffer, name: string): Promise<void> => {
      of++;
      const both = await bothReadings(raw);
      if (both === null) return;
      taken++;
      expect(both.quick, name).toEqual(both.parser);
    };
    for (const { raw, name } of all) await check(raw, name);
    for (let n = 0; n < MUTANTS; n++) await check(mutantOf(all, n).raw, `mutant ${n}`);
    expect(taken).toBeGreaterThan(of / 10);
    reportFigure('M2 reading without a parser', { mails: of, taken, different: 0 });
  });
});
