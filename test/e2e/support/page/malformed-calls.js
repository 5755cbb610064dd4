// Runs in a page: makes every call with eight kinds of arguments that none takes. What they ask for would be a crime if it
// were done; the text of 10 MB, four times, with each so-many-th call. Gives the number of tries and those that were not rejected.
async (names, longEach, longFrom) => {
  const long = 'x'.repeat(10 * 1024 * 1024);
  const sets = {
    'wrong type': [42],
    'extra key': [{ extra: true }],
    'way to a prototype': [{ constructor: { prototype: { isAdmin: true } } }],
    '10 MB text': [{ url: long, email: long, text: long, mailboxKey: long }],
    NaN: [{ entryId: NaN, accountId: NaN, index: NaN, offset: NaN, limit: NaN }],
    'negative id': [{ entryId: -1, accountId: -1, index: -1 }],
    path: [{ entryId: '../../etc/passwd', accountId: '..', index: 0, path: '/etc/passwd' }],
    SQL: [{ mailboxKey: `1'; DROP TABLE entries; --${'x'.repeat(60)}`, accountId: '1 OR 1=1' }],
  };
  const accepted = [];
  let tried = 0;
  for (const [index, name] of names.entries()) {
    for (const [kind, args] of Object.entries(sets)) {
      if (kind === '10 MB text' && index % longEach !== longFrom) continue;
      tried += 1;
      const answer = await globalThis.continuity.calls[name](...args);
      if (answer.ok || answer.error.code !== 'call-rejected') accepted.push(`${name}: ${kind}`);
    }
  }
  return { tried, accepted };
};
