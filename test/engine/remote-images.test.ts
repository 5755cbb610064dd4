import { createServer, type Server } from 'node:https';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import type { ImageNet } from '../../main/engine/trust/fetch-image.ts';
import { imageSources } from '../../main/engine/trust/image-sources.ts';
import { fetchRemoteImages } from '../../main/engine/trust/remote-images.ts';
import { reportFigure } from '../support/figures.ts';
import { tlsIdentity } from '../support/tls.ts';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==', 'base64');
const PUBLIC = '93.184.216.34';

let server: Server;
let refused = 0;
let asked: { url: string; host: string; headers: IncomingHttpHeaders }[];
let dialled: [address: string, host: string][];
let answer: (url: string, response: ServerResponse) => void;
/** Addresses of hosts, in the order in which they are given: the last one stays. */
let names: Record<string, string[][]>;

beforeEach(async () => {
  const { key, cert } = tlsIdentity('good');
  asked = [];
  dialled = [];
  names = {};
  answer = (_url, response) => response.end(PNG);
  server = createServer({ key, cert }, (request, response) => {
    asked.push({ url: request.url ?? '', host: request.headers.host ?? '', headers: request.headers });
    response.setHeader('set-cookie', 'id=reader; Secure');
    answer(request.url ?? '', response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Names as the test says; every checked address leads to the server here. */
const net: ImageNet = {
  resolve: (host) => {
    const list = names[host] ?? [[PUBLIC]];
    return Promise.resolve(list.length > 1 ? list.shift()! : list[0]!);
  },
  dial: (address, host) => {
    dialled.push([address, host]);
    return connect({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      servername: 'localhost',
      ca: tlsIdentity('good').ca,
    });
  },
};
const fetch = (html: string) => fetchRemoteImages(html, net, systemClock);
const img = (...sources: string[]) => sources.map((one) => `<img src="${one}">`).join('');

describe('images that a person asks for', () => {
  it('come as data, without cookie, referrer or language, each once', async () => {
    answer = (url, response) => (url.startsWith('/moved') ? response.writeHead(302, { location: '/after' }).end() : response.end(PNG));
    const html = `${img('https://pics.example/a.png?x=1&amp;y=2', 'https://pics.example/a.png?x=1&amp;y=2', 'https://pics.example/moved')}`;
    const { images, trackers, failed } = await fetch(html);
    expect({ trackers, failed }).toEqual({ trackers: 0, failed: 0 });
    expect(Object.keys(images).sort()).toEqual(['https://pics.example/a.png?x=1&y=2', 'https://pics.example/moved']);
    expect(Object.values(images)[0]).toBe(`data:image/png;base64,${PNG.toString('base64')}`);
    expect(asked.map(({ url }) => url).sort()).toEqual(['/a.png?x=1&y=2', '/after', '/moved']);
    for (const { headers } of asked) {
      expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
      expect(headers['user-agent']).toBe('Mozilla/5.0');
    }
    expect(new Set(dialled.map(String))).toEqual(new Set([`${PUBLIC},pics.example`]));
    await fetch(img('https://pics.example/again'));
    expect(asked.at(-1)?.headers.cookie).toBeUndefined();
  });

  const to = (location: string) => (_url: string, response: ServerResponse) => void response.writeHead(302, { location }).end();
  const CASES: readonly (readonly [what: string, prepare: () => string])[] = [
    ['http', () => img('http://pics.example/a')],
    ['127/8', () => ((names['pics.example'] = [['127.0.0.1']]), img('https://pics.example/a'))],
    [
      '10/8 behind a redirect',
      () => ((answer = to('https://inner.example/')), (names['inner.example'] = [['10.1.2.3']]), img('https://pics.example/a')),
    ],
    ['172.16/12', () => ((names['pics.example'] = [['172.20.0.1']]), img('https://pics.example/a'))],
    ['192.168/16', () => ((names['pics.example'] = [['192.168.0.1']]), img('https://pics.example/a'))],
    ['169.254/16', () => ((names['pics.example'] = [['169.254.169.254']]), img('https://pics.example/a'))],
    ['::1', () => ((names['pics.example'] = [['::1']]), img('https://pics.example/a'))],
    ['fc00::/7', () => ((names['pics.example'] = [['fd12::1']]), img('https://pics.example/a'))],
    [
      'a private address among public ones',
      () => ((names['pics.example'] = [[PUBLIC, '::ffff:127.0.0.1']]), img('https://pics.example/a')),
    ],
    [
      'a name that answers otherwise after the check',
      () => (
        (answer = to('https://pics.example/next')),
        (names['pics.example'] = [[PUBLIC], ['127.0.0.1']]),
        img('https://pics.example/a')
      ),
    ],
    ['a redirect to http', () => ((answer = to('http://pics.example/')), img('https://pics.example/a'))],
    ['a redirect to an address in numbers', () => ((answer = to('https://0x7f000001/')), img('https://pics.example/a'))],
    ['a redirect to another port', () => ((answer = to('https://pics.example:8443/')), img('https://pics.example/a'))],
    ['a redirect to a user name', () => ((answer = to('https://a:b@pics.example/')), img('https://pics.example/a'))],
    ['redirects without end', () => ((answer = to('https://pics.example/a')), img('https://pics.example/a'))],
    ['numbers for a host', () => img('https://127.0.0.1/a', 'https://2130706433/b', 'https://[::1]/c', 'https://localhost/d')],
  ];

  it.each(CASES)('never from %s', async (_what, prepare) => {
    const { images } = await fetch(prepare());
    expect(images).toEqual({});
    expect(dialled.every(([address]) => address === PUBLIC)).toBe(true);
    expect(asked.length).toBeLessThanOrEqual(4);
    refused += 1;
  });

  it('only the checked address is connected to, whatever the name says a moment later', async () => {
    names['pics.example'] = [[PUBLIC], ['127.0.0.1'], ['127.0.0.1']];
    expect(Object.keys((await fetch(img('https://pics.example/a'))).images)).toHaveLength(1);
    expect(dialled).toEqual([[PUBLIC, 'pics.example']]);
    reportFigure('H2 remote images', { refused, of: CASES.length });
  });

  it('only pictures, of a bounded size, in a bounded number', async () => {
    answer = (url, response) => {
      if (url === '/svg') response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
      else if (url === '/html') response.setHeader('content-type', 'image/png').end('<html>');
      else if (url === '/large') response.end(Buffer.concat([PNG, Buffer.alloc(6 * 1024 * 1024)]));
      else if (url === '/cut') response.writeHead(200, { 'content-length': '5000' }).write(PNG, () => response.destroy());
      else if (url === '/error') response.writeHead(500).end(PNG);
      else response.end(PNG);
    };
    const bad = ['svg', 'html', 'large', 'cut', 'error'].map((one) => `https://pics.example/${one}`);
    expect(await fetch(img(...bad))).toEqual({ images: {}, trackers: 0, failed: bad.length });
    asked.length = 0;
    const many = await fetch(img(...Array.from({ length: 150 }, (_, n) => `https://pics.example/${n}`)));
    expect(asked).toHaveLength(100);
    expect(many.failed).toBe(50);
  });

  it('wait for no server', async () => {
    answer = () => undefined;
    const due: (() => void)[] = [];
    const clock = { ...systemClock, after: (_ms: number, callback: () => void) => (due.push(callback), () => undefined) };
    const running = fetchRemoteImages(img('https://pics.example/a', 'https://pics.example/b'), net, clock);
    await expect.poll(() => asked.length).toBe(2);
    for (const one of due) one();
    expect(await running).toEqual({ images: {}, trackers: 0, failed: 2 });
  });

  it('wait for no name either', async () => {
    const due: (() => void)[] = [];
    const clock = { ...systemClock, after: (_ms: number, callback: () => void) => (due.push(callback), () => undefined) };
    const silent = { ...net, resolve: () => new Promise<never>(() => undefined) };
    const running = fetchRemoteImages(img('https://pics.example/a'), silent, clock);
    for (const one of due) one();
    expect(await running).toEqual({ images: {}, trackers: 0, failed: 1 });
  });
});

describe('images that watch the reader', () => {
  it.each([
    '<img src="https://x.example/a.png" width="1" height="1">',
    '<img src="https://x.example/a.png" width=0>',
    '<img src="https://x.example/a.png" height="1px">',
    '<img src="https://x.example/a.png" style="display: none">',
    '<img src="https://x.example/a.png" style="color:red;width:1px!important">',
    '<img src="https://px.emltrk.com/abc">',
    '<img src="https://firm.example/wf/open?upn=1">',
    '<img src="https://firm.example/track/open.php?u=1">',
    '<img src="https://firm.example/pixel.gif">',
  ])('are counted and not asked for: %s', async (html) => {
    expect(imageSources(html)).toMatchObject([{ isTracker: true }]);
    expect(await fetch(html)).toEqual({ images: {}, trackers: 1, failed: 0 });
    expect(asked).toEqual([]);
  });

  it('are no others: pictures, and those that are shown elsewhere in the mail', () => {
    const html =
      '<img src="https://x.example/a.png" width="1"><img src="https://x.example/a.png" width="600"><img src="https://x.example/open-air.jpg">';
    expect(imageSources(html).map(({ isTracker }) => isTracker)).toEqual([false, false]);
    expect(
      imageSources('<script><img src="https://x.example/a"></script><!-- <img src="https://x.example/b"> --><img src="cid:a"><img>'),
    ).toEqual([]);
  });
});
