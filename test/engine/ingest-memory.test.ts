import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIngest, type BuiltIngest } from '../support/built-ingest.ts';
import { reportFigure } from '../support/figures.ts';

let built: BuiltIngest;
beforeAll(async () => {
  built = await buildIngest();
}, 60_000);
afterAll(() => built?.remove());

const MIB = 1024 * 1024;
const HEAD = [
  'Message-ID: <a@example.com>',
  'From: a@example.com',
  'Subject: big',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  '',
  'hello',
  '--b',
  'Content-Type: application/zip; name=z.zip',
  'Content-Transfer-Encoding: base64',
  '',
  '',
].join('\r\n');

/** Source of a child that starts the pool, and runs `body` with `ingest`, `base64` and `peakMib` (kernel's high-water mark) in scope. */
function childSource(body: string): string {
  return `
import { openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createCipheriv } from 'node:crypto';
const { createIngest } = await import(${JSON.stringify(built.poolPath)});
const clock = { after: (ms, f) => { const t = setTimeout(f, ms); return () => clearTimeout(t); } };
const log = { debug() {}, info() {}, warn(e) { console.error(JSON.stringify(e)); }, error() {} };
const ingest = await createIngest({ clock, log, random: null, workerPath: ${JSON.stringify(built.workerPath)} });
const noise = (n, seed) => createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(n));
const base64 = (bytes) => bytes.toString('base64').replace(/.{76}/g, '$&\\r\\n') + '\\r\\n';
const rssMib = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
const peakMib = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
const head = ${JSON.stringify(HEAD)};
const small = Buffer.from(head + base64(noise(30000, 1)) + '--b--\\r\\n');
${body}
await ingest.close();
`;
}

function runChild(body: string, flags: readonly string[] = []): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', childSource(body)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(JSON.parse(out) as Record<string, number>);
      else reject(new Error(`child ended with ${code}: ${errors.slice(-2000)}`));
    });
  });
}

describe('memory of ingest', () => {
  it('stays small for a message of 60 MB in slices', async () => {
    const content = randomBytes(45 * MIB);
    const lines = content.toString('base64').replace(/.{76}/g, '$&\r\n');
    const path = join(built.folder, 'big.eml');
    writeFileSync(path, `${HEAD}${lines}\r\n--b--\r\n`);
    const figures = await runChild(`
for (let i = 0; i < 30; i++) await ingest.ingest(Buffer.from(small));
const before = rssMib();
writeFileSync('/proc/self/clear_refs', '5');
const sliced = ingest.begin();
const file = openSync(${JSON.stringify(path)});
let sent = 0, segments = 0;
for (;;) {
  const slice = Buffer.allocUnsafeSlow(${MIB});
  const length = readSync(file, slice);
  if (length === 0) break;
  segments += (await sliced.push(slice.subarray(0, length))).segments.length;
  sent += length;
}
const answer = await sliced.end();
console.log(JSON.stringify({ growthMib: Math.round(peakMib() - before), beforeMib: Math.round(before), sentMib: Math.round(sent / ${MIB}), segments, attachmentBytes: answer.parsed.attachments[0].sizeBytes }));
`);
    reportFigure('ingest memory, one message in slices', figures);
    expect(figures['attachmentBytes']).toBe(content.length);
    expect(figures['sentMib']).toBeGreaterThan(58);
    expect(figures['growthMib']).toBeLessThan(70);
  });

  it('does not grow over thousands of messages', async () => {
    const figures = await runChild(`
const run = async (n) => { for (let i = 0; i < n; i += 20) await Promise.all(Array.from({ length: 20 }, () => ingest.ingest(Buffer.from(small)))); };
await run(1000);
const before = rssMib();
await run(3000);
console.log(JSON.stringify({ beforeMib: Math.round(before), growthMib: Math.round(rssMib() - before) }));
`);
    reportFigure('ingest memory over 3,000 messages', figures);
    expect(figures['growthMib']).toBeLessThan(40);
  });
});

describe('the ingest worker', () => {
  it('writes nothing to disk, and needs no right to', async () => {
    const temp = mkdtempSync(join(tmpdir(), 'holdover-ingest-'));
    const flags = ['--experimental-permission', '--allow-fs-read=*', '--allow-worker', '--no-warnings'];
    const figures = await runChild(
      `
process.chdir(${JSON.stringify(temp)});
let refused = 0;
try { writeFileSync('x', 'y'); } catch (error) { refused = Number(error.code === 'ERR_ACCESS_DENIED'); }
const { segments, parsed } = await ingest.ingest(Buffer.from(small));
const opened = await ingest.open(segments);
const { content } = await ingest.attachment(segments, 0, 100000);
console.log(JSON.stringify({ refused, problems: parsed.problems.length, text: opened.text.length, content: content.length }));
`,
      flags,
    );
    expect(figures).toMatchObject({ refused: 1, problems: 1, text: 5, content: 30_000 });
    expect(readdirSync(temp)).toEqual([]);
    rmSync(temp, { recursive: true });
  });
});
