import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bundle } from '../../main/app/bundle.ts';
import { answer } from '../../main/app/bundle-answer.ts';
import { contentSecurityPolicy } from '../../main/app/content-policy.ts';

const SECRET = 'outside-the-bundle';
let dir: string;
let bundle: Bundle;

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-bundle-'));
  const root = path.join(dir, 'app');
  mkdirSync(path.join(root, 'assets'), { recursive: true });
  mkdirSync(path.join(dir, 'app-evil'));
  writeFileSync(path.join(dir, 'secret.js'), SECRET);
  writeFileSync(path.join(dir, 'app-evil', 'index.html'), SECRET);
  writeFileSync(path.join(root, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(root, 'assets', 'main-1a2b.js'), 'export {}');
  writeFileSync(path.join(root, '.hidden.js'), SECRET);
  writeFileSync(path.join(root, 'notes.txt'), SECRET);
  writeFileSync(path.join(root, 'index.html.map'), SECRET);
  symlinkSync(path.join(dir, 'secret.js'), path.join(root, 'link.js'));
  symlinkSync(dir, path.join(root, 'linked'));
  bundle = Bundle.list(root);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const PREFIX = 'app://holdover';
const TRICKS = [
  '/../secret.js',
  '/./../secret.js',
  '/assets/../../secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/%2e%2e/secret.js',
  '/%2e%2e%2fsecret.js',
  '/%2E%2E/secret.js',
  '/.%2e/secret.js',
  '/%252e%252e/secret.js',
  '/%252e%252e%252fsecret.js',
  '/..%c0%afsecret.js',
  '/%c0%ae%c0%ae/secret.js',
  '/..\\secret.js',
  '/..%5csecret.js',
  '/..%255csecret.js',
  '\\..\\secret.js',
  '/assets\\..\\..\\secret.js',
  '//secret.js',
  '//../secret.js',
  '///etc/passwd',
  '/etc/passwd',
  '//etc/passwd',
  '/%2fetc/passwd',
  '/C:/Windows/win.ini',
  '/C|/Windows/win.ini',
  '/%5c%5chost%5cshare',
  '/file:///etc/passwd',
  '/index.html%00',
  '/index.html%00.js',
  '/%00/index.html',
  '/index.html\u0000',
  '/index.html/',
  '/index.html/.',
  '/index.html::$DATA',
  '/index.html.',
  '/index.html%20',
  '/INDEX.HTML',
  '/link.js',
  '/linked/secret.js',
  '/.hidden.js',
  '/notes.txt',
  '/index.html.map',
  '/assets',
  '/assets/',
  '-evil/index.html',
  '.evil.example/index.html',
  ':80/index.html',
  '@evil.example/index.html',
  '/../app-evil/index.html',
  '/assets/%6dain-1a2b.js',
  '/proc/self/environ',
  '/app://holdover/index.html',
  '',
];

function ask(method: string, url: string) {
  const { statusCode, data, headers } = answer(bundle, method, url);
  return { status: statusCode, body: data.toString(), headers: new Headers(headers) };
}

describe('files of the app scheme', () => {
  it('are listed once: regular files of known kinds, no links', () => {
    expect([...bundle.paths].sort()).toEqual(['/assets/main-1a2b.js', '/index.html']);
  });

  it.each(TRICKS)('gives no byte for %j', (trick) => {
    const { status, body } = ask('GET', `${PREFIX}${trick}`);
    expect({ status, body }).toEqual({ status: 404, body: '' });
  });

  it('has at least forty path tricks', () => {
    expect(new Set(TRICKS).size).toBeGreaterThanOrEqual(40);
  });

  it.each([
    'app://evil/index.html',
    'app:///index.html',
    'app://HOLDOVER.evil/index.html',
    'file:///etc/passwd',
    'https://holdover/index.html',
  ])('answers for no other origin: %s', (url) => expect(ask('GET', url).status).toBe(404));

  it.each(['POST', 'HEAD', 'PUT', 'OPTIONS', 'get'])('answers GET only: %s', (method) => {
    expect(ask(method, `${PREFIX}/index.html`).status).toBe(404);
  });

  it('gives listed files with their type, whatever follows as query or fragment', () => {
    for (const url of ['/', '/index.html', '/index.html?x=../secret.js', '/index.html#/../secret.js']) {
      const { status, body, headers } = ask('GET', `${PREFIX}${url}`);
      expect({ status, body }).toEqual({ status: 200, body: '<!doctype html>' });
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    }
    expect(ask('GET', `${PREFIX}/assets/main-1a2b.js`).headers.get('content-type')).toContain('javascript');
  });

  it('sends the policy with every answer, errors included', () => {
    for (const url of ['/index.html', '/assets/main-1a2b.js', '/missing']) {
      const { headers } = ask('GET', `${PREFIX}${url}`);
      expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });
});

describe('content security policy', () => {
  const directives = new Map(
    contentSecurityPolicy.split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values] as const;
    }),
  );

  it('denies by default and names every kind of source', () => {
    expect(directives.get('default-src')).toEqual(["'none'"]);
    for (const name of ['connect-src', 'form-action', 'frame-ancestors', 'base-uri', 'object-src', 'media-src', 'frame-src']) {
      expect(directives.get(name), name).toEqual(["'none'"]);
    }
  });

  it('lets scripts and workers come from our files only', () => {
    expect(directives.get('worker-src')).toEqual(["'self'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(contentSecurityPolicy).not.toMatch(/unsafe-eval|wasm-unsafe-eval|strict-dynamic|script-src-attr|\*/);
    expect(directives.get('require-trusted-types-for')).toEqual(["'script'"]);
    expect(directives.get('trusted-types')).not.toContain("'allow-duplicates'");
    expect(directives.get('trusted-types')).not.toContain('default');
  });

  it('lets no image come from the network', () => {
    expect(directives.get('img-src')).toEqual(["'self'", 'data:', 'blob:']);
  });
});
