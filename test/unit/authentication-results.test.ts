import { describe, expect, it } from 'vitest';
import { parseAuthenticationResults } from '../../main/engine/trust/authentication-results.ts';
import { headFields } from '../../main/engine/trust/head-fields.ts';
import { judgeAuthentication } from '../../main/engine/trust/judge-authentication.ts';

const ID = 'mx.nordlicht.example';
const OUTSIDE = `Received: from relay.evil.test (relay.evil.test [198.51.100.9]) by ${ID} (Postfix) with ESMTPS id 1; Mon, 1 Jan 2026 00:00:00 +0000`;
const LOCAL = `Received: from ${ID} by store.nordlicht.example with LMTP id 2; Mon, 1 Jan 2026 00:00:01 +0000`;
const INSIDE = `Received: from ${ID} (${ID} [10.0.0.4]) by store.nordlicht.example with ESMTP id 3; Mon, 1 Jan 2026 00:00:01 +0000`;
const says = (results: string, id = ID) => `Authentication-Results: ${id}; ${results}`;
const judge = (lines: readonly string[], trusted: readonly string[] = [ID], domain = 'partner.example') =>
  judgeAuthentication(headFields(`${lines.join('\r\n')}\r\n\r\n`), trusted, domain);

describe('Authentication-Results', () => {
  it('reads methods, results and properties; comments and quotes are no part of them', () => {
    const read = parseAuthenticationResults(
      'Mx.Example 1 (a (nested) comment); dkim=pass (good; sig=x) header.d=a.example header.i="@a;b.example"; spf = fail reason="no; way" smtp.mailfrom=x@b.example; dmarc/1=none',
    );
    expect(read?.authservId).toBe('mx.example');
    expect(read?.results.map(({ method, result, properties }) => [method, result, Object.fromEntries(properties)])).toEqual([
      ['dkim', 'pass', { 'header.d': 'a.example', 'header.i': '@a;b.example' }],
      ['spf', 'fail', { reason: 'no; way', 'smtp.mailfrom': 'x@b.example' }],
      ['dmarc', 'none', {}],
    ]);
    expect(parseAuthenticationResults('mx.example; none')?.results).toEqual([]);
  });

  it.each([
    '',
    ';',
    '= pass',
    'spf=pass smtp.mailfrom=x',
    'mx.example 2; dkim=pass',
    'mx.example; dkim',
    'mx.example; dkim="pass',
    'mx.example; dkim=pass (open',
    'mx.example; dkim=pass header.d=',
    `mx.example; ${'('.repeat(30)}${')'.repeat(30)} dkim=pass`,
    'x'.repeat(20_000),
  ])('says nothing where it is not well formed: %.40s', (body) => expect(parseAuthenticationResults(body)).toBeNull());

  it('is quick on endless signs', () => {
    const startedAt = performance.now();
    for (const sign of ['(', '"', ';', '=', '\\', '(\\', 'a=b;']) parseAuthenticationResults(sign.repeat(16_000 / sign.length));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('the verdict', () => {
  it('needs somebody whose word counts', () => {
    expect(judge([says('dmarc=fail'), OUTSIDE], [])).toBe('silent');
    expect(judge([says('dmarc=fail'), OUTSIDE])).toBe('failed');
  });

  it.each([
    ['dmarc=pass header.from=partner.example', 'passed'],
    ['dmarc=pass', 'passed'],
    ['dmarc=fail; dkim=pass header.d=partner.example', 'failed'],
    ['dmarc=fail; dmarc=pass header.from=partner.example', 'failed'],
    ['dmarc=pass header.from=other.example', 'missing'],
    ['dkim=pass header.d=partner.example', 'passed'],
    ['dkim=pass header.i=@mail.partner.example; spf=fail', 'passed'],
    ['dkim=pass header.d=evil.test', 'missing'],
    ['spf=pass smtp.mailfrom=bounce@partner.example', 'passed'],
    ['spf=pass smtp.mailfrom=bounce@evil.test', 'missing'],
    ['spf=softfail smtp.mailfrom=x@partner.example', 'failed'],
    ['dkim=fail header.d=partner.example; spf=none', 'failed'],
    ['spf=none; dkim=none; dmarc=none', 'missing'],
    ['none', 'missing'],
  ])('%s: %s', (results, verdict) => expect(judge([says(results), OUTSIDE])).toBe(verdict));

  it('looks through hops within the company, and not beyond the one from outside', () => {
    expect(judge([LOCAL, INSIDE, says('dmarc=pass'), OUTSIDE])).toBe('passed');
    expect(judge([says('dmarc=fail'), LOCAL, OUTSIDE, says('dmarc=pass')])).toBe('failed');
  });

  it.each<readonly [string, readonly string[]]>([
    ['below the hop from outside', [OUTSIDE, says('dmarc=pass')]],
    ['of another server', [says('dmarc=pass', 'mx.evil.test'), OUTSIDE]],
    ['of a name that begins alike', [says('dmarc=pass', `${ID}.evil.test`), OUTSIDE]],
    ['below a hop that a stranger has written', ['Received: from a by b.evil.test; x', says('dmarc=pass'), OUTSIDE]],
    ['below a client that calls itself one of ours', [OUTSIDE.replace('from relay.evil.test', `from ${ID}`), says('dmarc=pass')]],
    [
      'below a client that calls itself a private address',
      [OUTSIDE.replace('from relay.evil.test', 'from [10.0.0.1]'), says('dmarc=pass')],
    ],
    ['below a hop without addresses', [`Received: from ${ID} by ${ID} with ESMTP id 4`, says('dmarc=pass')]],
    ['in a field that is none', [`Authentication-Results-X: ${ID}; dmarc=pass`, OUTSIDE]],
    ['within a comment', [`Authentication-Results: mx.evil.test (${ID}); dmarc=pass`, OUTSIDE]],
    ['within a quoted id', [`Authentication-Results: "mx.evil.test; ${ID}"; dmarc=pass`, OUTSIDE]],
  ])('does not count a result %s', (_where, lines) => expect(judge(lines)).toBe('missing'));

  it('reads folded fields, and neither body nor what is no field', () => {
    const fields = headFields(`A: 1\r\n folded\r\n\tmore\r\nnot a field\r\nB : 2\nC:3\r\n`);
    expect(fields).toEqual([
      { name: 'a', body: '1 folded more' },
      { name: 'b', body: '2' },
      { name: 'c', body: '3' },
    ]);
  });
});
