import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { systemRandom } from '../../main/engine/core/random.ts';
import { createIngest } from '../../main/engine/ingest/ingest.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { Ingest, Segment } from '../../main/engine/ingest/protocol.ts';
import { decodeSegment } from '../../main/engine/ingest/segment-codec.ts';
import { limits } from '../../shared/limits.ts';
import { brokenWorker } from '../support/broken-worker.ts';
import { buildIngest, type BuiltIngest } from '../support/built-ingest.ts';

let built: BuiltIngest;
const open: Ingest[] = [];

async function ingestWith(path = built.workerPath, clock = systemClock): Promise<Ingest> {
  const ingest = await createIngest({ workerPath: path, clock, random: systemRandom, log: silentLog });
  open.push(ingest);
  return ingest;
}

beforeAll(async () => {
  built = await buildIngest();
}, 60_000);

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

afterAll(() => built?.remove());

const base64 = (bytes: Buffer) => (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function message(n: number, attachment = randomBytes(30_000 + n)): Buffer {
  return Buffer.from(
    [
      `Message-ID: <${n}@example.com>`,
      'Date: Tue, 1 Apr 2025 10:00:00 +0200',
      'From: a@example.com',
      'To: b@example.org',
      `Subject: number ${n}`,
      'Content-Type: multipart/mixed; boundary=x',
      '',
      '--x',
      '',
      `body of message ${n}`,
      '--x',
      'Content-Type: image/jpeg; name=p.jpg',
      'Content-Transfer-Encoding: base64',
      '',
      base64(attachment),
      '--x--',
      '',
    ].join('\r\n'),
  );
}

const rawOf = (segments: readonly Segment[]) => Buffer.concat(segments.map(decodeSegment));

describe('ingest in a worker', () => {
  it('answers many messages in order, exactly as the same code does in one process', async () => {
    const ingest = await ingestWith();
    const inline = createInlineIngest();
    const sources = Array.from({ length: 40 }, (_, n) => message(n));
    const answers = await Promise.all(sources.map((source) => ingest.ingest(Buffer.from(source))));
    for (const [n, answer] of answers.entries()) {
      const source = sources[n] as Buffer;
      const expected = await inline.ingest(Buffer.from(source));
      expect(answer.parsed).toEqual(expected.parsed);
      expect(sha(rawOf(answer.segments))).toBe(sha(source));
      expect(Buffer.from(answer.digest.raw).toString('hex')).toBe(sha(source));
      expect(answer.segments.map((s) => [s.codec, s.rawBytes, s.lineWidth])).toEqual(
        expected.segments.map((s) => [s.codec, s.rawBytes, s.lineWidth]),
      );
    }
  });

  it('takes a large source in slices, and after a restart goes on where the stored segments end', async () => {
    const attachment = randomBytes(3_000_000);
    const source = message(1, attachment);
    const size = 300_000;
    const first = (await ingestWith()).begin();
    const stored: Segment[] = [];
    let rawEnd = 0;
    for (let at = 0; at < 2_000_000; at += size) {
      const { segments, rawEnd: end } = await first.push(source.subarray(at, at + size));
      stored.push(...segments);
      rawEnd = end;
    }
    expect(sha(rawOf(stored))).toBe(sha(source.subarray(0, rawEnd)));
    const second = (await ingestWith()).begin();
    for (const segment of stored) await second.replay(segment);
    for (let at = rawEnd; at < source.length; at += size) stored.push(...(await second.push(source.subarray(at, at + size))).segments);
    const { segments, digest, parsed } = await second.end();
    stored.push(...segments);
    expect(sha(rawOf(stored))).toBe(sha(source));
    const whole = await (await ingestWith()).ingest(source);
    expect(digest).toEqual(whole.digest);
    expect(parsed.attachments).toEqual(whole.parsed.attachments);
    expect(stored.map((s) => s.digest && sha(s.digest))).toEqual(whole.segments.map((s) => s.digest && sha(s.digest)));
    const taken = await (await ingestWith()).attachment(stored, 0, limits.maxSourceBytes);
    expect(sha(taken.content)).toBe(sha(attachment));
  });

  it('opens a stored message for reading', async () => {
    const ingest = await ingestWith();
    const { segments } = await ingest.ingest(message(5));
    const opened = await ingest.open(segments);
    expect(opened.text).toBe('body of message 5');
    expect(opened.parsed.attachments).toHaveLength(1);
    await expect(ingest.attachment(segments, 3, 100)).rejects.toMatchObject({ code: 'not-found' });
    await expect(ingest.attachment(segments, 0, 100)).rejects.toMatchObject({ code: 'message-too-large' });
  });
});

const poison = (word: string) =>
  Buffer.from(`Message-ID: <p@example.com>\r\nSubject: =?utf-8?Q?sch=C3=B6n?=\r\nFrom: "A, B" <a@example.com>\r\n\r\n${word}\r\n`);

describe('a worker that dies', () => {
  it('costs neither the message on which it died nor the others', async () => {
    const ingest = await ingestWith(brokenWorker(built));
    const sources = [message(1), poison('DIE-HERE'), message(2), message(3)];
    const [one, poisoned, two, three] = await Promise.all(sources.map((source) => ingest.ingest(source)));
    expect(poisoned?.parsed.problems[0]).toEqual({ code: 'parse-failed', detail: '' });
    expect(poisoned?.parsed.subject).toBe('schön');
    expect(poisoned?.parsed.from).toEqual([{ name: 'A, B', address: 'a@example.com' }]);
    expect(sha(rawOf(poisoned?.segments ?? []))).toBe(sha(sources[1] as Buffer));
    for (const answer of [one, two, three]) expect(answer?.parsed.problems).toEqual([]);
  });

  it('is replaced when it takes too long, and the message is there with what its header gives', async () => {
    const due: (() => void)[] = [];
    const clock = { ...systemClock, after: (_: number, callback: () => void) => (due.push(callback), () => undefined) };
    const ingest = await ingestWith(brokenWorker(built), clock);
    const answer = ingest.ingest(poison('HANG-HERE'));
    const next = ingest.ingest(message(9));
    await systemClock.sleep(300);
    due[due.length - 1]?.();
    due[due.length - 1]?.();
    expect((await answer).parsed.problems[0]?.code).toBe('parse-timeout');
    expect((await answer).parsed.subject).toBe('schön');
    expect((await next).parsed.subject).toBe('number 9');
  });

  it('that hangs on the last of many slices has given out segments and digests before', async () => {
    const due: (() => void)[] = [];
    const clock = { ...systemClock, after: (_: number, callback: () => void) => (due.push(callback), () => undefined) };
    const source = poison('MUTE-HERE');
    const sliced = (await ingestWith(brokenWorker(built), clock)).begin();
    const { segments: first } = await sliced.push(source);
    await systemClock.sleep(200);
    const end = sliced.end();
    await systemClock.sleep(300);
    due[due.length - 1]?.();
    due[due.length - 1]?.();
    const { segments, digest, parsed } = await end;
    expect(sha(rawOf([...first, ...segments]))).toBe(sha(source));
    expect(Buffer.from(digest.raw).toString('hex')).toBe(sha(source));
    expect(parsed.subject).toBe('schön');
    expect(parsed.problems[0]?.code).toBe('parse-timeout');
    expect(parsed.problems.filter((one) => one.code === 'parse-failed')).toEqual([]);
  });

  it('tells a source in slices to begin anew', async () => {
    const ingest = await ingestWith(brokenWorker(built));
    const sliced = ingest.begin();
    await sliced.push(message(1).subarray(0, 500));
    await ingest.ingest(poison('DIE-HERE'));
    await expect(sliced.push(Buffer.from('more'))).rejects.toMatchObject({ code: 'internal', retry: 'now' });
  });

  it('does not keep anybody waiting when there is no worker at all', async () => {
    const ingest = await ingestWith(join(built.folder, 'missing.js'));
    await expect(ingest.ingest(message(1))).rejects.toMatchObject({ code: 'message-unreadable' });
  });
});
