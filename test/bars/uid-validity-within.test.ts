import { afterAll, describe, expect, it } from 'vitest';
import { differencesFrom } from '../support/compare.ts';
import { reportFigure } from '../support/figures.ts';
import { allCapabilities, without, type ScriptAction, type ScriptCommand } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { profileMail, ScriptProfile, type ScriptCase } from '../support/script-profile.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';

/** Commands a sampled run tries of each way. */
const SAMPLE = 2;
const LOOKS = 8;

const ids = [...'abcdefghij'];
/** Arrive before the look in which the mailbox is made anew. */
const fresh = ['k', 'l'];
const SECOND = 1000;
const AN_HOUR_AGO = Math.floor(Date.now() / SECOND) * SECOND - 3600 * SECOND;

const variants = [
  { name: 'QRESYNC', capabilities: allCapabilities },
  { name: 'no QRESYNC', capabilities: without('QRESYNC', 'CONDSTORE') },
  { name: 'no QRESYNC, no MOVE', capabilities: without('QRESYNC', 'CONDSTORE', 'MOVE') },
];

const opens = ({ name }: ScriptCommand): boolean => name === 'SELECT' || name === 'EXAMINE';
const reads = ({ name }: ScriptCommand): boolean => name === 'UID FETCH' || name === 'UID SEARCH';

/** Between the first untagged line and the rest, or before the tagged one where it is alone. */
function amid(answer: Buffer, line: string): Buffer {
  const at = answer.indexOf('\r\n* ') + 2;
  return at < 2
    ? Buffer.concat([Buffer.from(line), answer])
    : Buffer.concat([answer.subarray(0, at), Buffer.from(line), answer.subarray(at)]);
}

interface Way {
  readonly name: string;
  /** At which commands on the mailbox it may happen. */
  readonly at: (command: ScriptCommand, before: ScriptCommand | null) => boolean;
  readonly act: (remake: () => string) => ScriptAction;
}

/** How a server can make a mailbox anew under a client that has it open. `remake` does it, and gives the line that tells. */
const ways: readonly Way[] = [
  {
    name: 'told behind the answer to SELECT',
    at: opens,
    act: (remake) => ({ rewrite: (answer) => Buffer.concat([answer, Buffer.from(remake())]) }),
  },
  {
    name: 'told before the answer',
    at: reads,
    act: (remake) => {
      let line = '';
      return { before: () => void (line = remake()), then: { rewrite: (answer) => Buffer.concat([Buffer.from(line), answer]) } };
    },
  },
  {
    name: 'told amid the answer',
    at: reads,
    act: (remake) => {
      let line = '';
      return { before: () => void (line = remake()), then: { rewrite: (answer) => amid(answer, line) } };
    },
  },
  { name: 'refused', at: reads, act: (remake) => ({ before: () => void remake(), then: { no: '[UNAVAILABLE] made anew' } }) },
  { name: 'ended by BYE', at: reads, act: (remake) => ({ before: () => void remake(), then: { bye: 'made anew' } }) },
  // Before the first command that reads: what is proved from then on, is proved of the new one.
  {
    name: 'in silence',
    at: (command, before) => reads(command) && before !== null && opens(before),
    act: (remake) => ({ before: () => void remake() }),
  },
];

const totals = {
  cases: 0,
  ways: ways.length,
  variants: variants.length,
  carriedOver: 0,
  shownAsConflict: 0,
  wrongMessage: 0,
  copiesLost: 0,
};

/** Lets the mailbox be made anew at the n-th command where a way allows it. */
class Strike {
  one: ScriptCase | null = null;
  way: Way | null = null;
  nth = 0;
  seen = 0;
  fewest = Number.POSITIVE_INFINITY;
  #before: ScriptCommand | null = null;

  begin(one: ScriptCase, way: Way, nth: number): void {
    Object.assign(this, { one, way, nth, seen: 0, fewest: Number.POSITIVE_INFINITY });
  }

  readonly onCommand = (command: ScriptCommand): ScriptAction => {
    if (this.one === null || this.way === null) return 'pass';
    this.fewest = Math.min(this.fewest, wholeCopies(this.one));
    const before = this.#before;
    this.#before = command;
    const isOfInbox = opens(command) ? command.args.startsWith('"INBOX"') : command.selected === 'INBOX';
    if (!isOfInbox || !this.way.at(command, before)) return 'pass';
    this.seen += 1;
    return this.seen === this.nth ? this.way.act(() => this.#remake()) : 'pass';
  };

  /** The same mail in reverse order: every UID means another message. */
  #remake(): string {
    const inbox = this.one!.profile.server.store.get('INBOX');
    inbox.messages.reverse();
    inbox.resetUidValidity(inbox.uidValidity + 7);
    return `* OK [UIDVALIDITY ${inbox.uidValidity}] made anew\r\n`;
  }
}

function wholeCopies({ rig }: ScriptCase): number {
  const counted = rig.engine.store.handle.db
    .prepare("SELECT count(DISTINCT message_id) AS n FROM placements WHERE body_state = 'complete'")
    .get() as { n: number };
  return counted.n;
}

/** A person's changes that wait, and another client's that are not known yet. */
function arrange(one: ScriptCase): void {
  one.actions.setFlag([one.entry('a')], 'seen', true);
  one.actions.setFlag([one.entry('b'), one.entry('c')], 'flagged', true);
  one.actions.changePlace(one.entry('d'), { kind: 'move', targetMailboxId: one.mailbox('Projects') });
  one.actions.changePlace(one.entry('e'), { kind: 'delete' });
  const inbox = one.profile.server.store.get('INBOX');
  inbox.setFlags(uidOf(one, 'f'), ['\\Answered']);
  inbox.expunge(uidOf(one, 'g'));
  for (const id of fresh) inbox.add({ raw: profileMail(id), internalDate: AN_HOUR_AGO });
}

function uidOf(one: ScriptCase, id: string): number {
  const raw = Buffer.from(profileMail(id));
  return one.profile.server.store.get('INBOX').messages.find((message) => message.raw.equals(raw))!.uid;
}

/** Where a message may stand in the end, each place with its flags; no entry: as it was. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  a: ['INBOX', 'INBOX \\seen'],
  b: ['INBOX', 'INBOX \\flagged'],
  c: ['INBOX', 'INBOX \\flagged'],
  d: ['INBOX', 'Projects'],
  e: ['INBOX', ''],
  f: ['INBOX \\answered'],
  g: [''],
};

function wrongMessages(one: ScriptCase): string[] {
  const places = new Map<string, string[]>();
  for (const { path, messages } of one.profile.server.store.mailboxes)
    for (const { raw, flags } of messages) {
      const id = /^Message-ID: <(.*)@/mu.exec(raw.toString('latin1'))![1]!;
      places.set(id, [...(places.get(id) ?? []), [path, ...[...flags].map((flag) => flag.toLowerCase()).sort()].join(' ')]);
    }
  return [...ids, ...fresh].flatMap((id) => {
    const found = (places.get(id) ?? []).join(', ');
    return (allowed[id] ?? ['INBOX']).includes(found) ? [] : [`${id} is at [${found}]`];
  });
}

/** What is shown as met by another change, as against refused without a reason that a person could see. */
const CONFLICT = ['operation-unsafe', 'message-missing', 'changed-on-both-sides'];

async function runCase(profile: ScriptProfile, strike: Strike, way: Way, nth: number): Promise<boolean> {
  let hasStruck = false;
  await profile.run(async (one) => {
    arrange(one);
    const before = wholeCopies(one);
    strike.begin(one, way, nth);
    for (let n = 0; n < LOOKS; n += 1) await one.look();
    strike.one = null;
    hasStruck = strike.seen >= nth;
    if (!hasStruck) return;
    const name = `${way.name} at command ${nth}`;
    const wrong = wrongMessages(one);
    totals.cases += 1;
    totals.wrongMessage += wrong.length;
    totals.copiesLost += Math.max(0, before - strike.fewest);
    expect(wrong, name).toEqual([]);
    expect(strike.fewest, `${name}: copies`).toBe(before);
    expect(one.openCount(), `${name}: open`).toBe(0);
    const failed = one.rig.engine.store.ops.failed(one.rig.accountId);
    expect(
      failed.map(({ lastError }) => lastError?.code ?? '').filter((code) => !CONFLICT.includes(code)),
      name,
    ).toEqual([]);
    totals.shownAsConflict += failed.length;
    totals.carriedOver += 5 - failed.length;
    expect(differencesFrom(one.rig, 'primary', one.remote()), name).toEqual([]);
  });
  return hasStruck;
}

/** How many commands of the looks allow it this way. */
async function countCommands(profile: ScriptProfile, strike: Strike, way: Way): Promise<number> {
  let seen = 0;
  await profile.run(async (one) => {
    arrange(one);
    strike.begin(one, way, 0);
    for (let n = 0; n < 2; n += 1) await one.look();
    strike.one = null;
    ({ seen } = strike);
  });
  return seen;
}

describe.each(variants)('I4: the mailbox is made anew under a client that has it open: $name', ({ capabilities }) => {
  it.each(ways)('$name', { timeout: isFull ? 600_000 : 60_000 }, async (way) => {
    const strike = new Strike();
    const profile = await ScriptProfile.start({ capabilities, messages: ids }, { onCommand: strike.onCommand });
    try {
      const all = Array.from({ length: await countCommands(profile, strike, way) }, (_, n) => n + 1);
      expect(all.length).toBeGreaterThan(1);
      const chosen = isFull ? sliceOf(all) : seededRandom(seed).shuffle(all).slice(0, SAMPLE);
      for (const nth of chosen) expect(await runCase(profile, strike, way, nth), `${way.name} at command ${nth}`).toBe(true);
    } finally {
      await profile.close();
    }
  });
});

afterAll(() => reportFigure('I4 UIDVALIDITY within a connection', { ...totals, seed }));
