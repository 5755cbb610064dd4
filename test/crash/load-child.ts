import { readFileSync, writeSync } from 'node:fs';
import type { CallName, CallArgs, CallResult, EngineCall } from '../../shared/ipc/contract.ts';
import { contract } from '../../shared/ipc/contract.ts';
import { answerCall } from '../../main/engine/calls.ts';
import { EngineRig, type RigOptions } from '../support/engine-rig.ts';

/** An engine under load, to be killed: it mirrors, writes drafts, sends, flags, and reads as the window does. Tells each answer it got. */
const { servers, dir, keyHex, run } = JSON.parse(readFileSync(0, 'utf8')) as {
  servers: Pick<RigOptions, 'primary'>;
  dir: string;
  keyHex: string;
  run: number;
};
const rig = await EngineRig.attach({ ...servers, seed: run }, { dir, key: Buffer.from(keyHex, 'hex') });
const { engine, accountId } = rig;

async function call<N extends EngineCall & CallName>(name: N, ...args: CallArgs<N>): Promise<CallResult<N>> {
  return contract[name].result.parse(await answerCall(engine, name, args)) as CallResult<N>;
}
/** What the person may rely on from now on. */
const told = (fact: object): void => void writeSync(1, `${JSON.stringify(fact)}\n`);

async function write(n: number): Promise<void> {
  const draft = await call('compose.start', { kind: 'new', accountId, mailto: null });
  const subject = `Sent ${run}-${n}`;
  const content = { ...draft.content, to: [{ name: '', address: 'carol@outside.test' }], subject, html: `<p>${'Words. '.repeat(400)}</p>` };
  const { version } = await call('drafts.save', { draftId: draft.id, version: draft.version, content });
  told({ draft: draft.id, version });
  if (n % 3 === 0) return;
  const { outboxId } = await call('drafts.send', { draftId: draft.id, version });
  told({ mail: outboxId, subject });
}

async function change(n: number): Promise<void> {
  const { inbox } = await call('overview.get', { rows: 50 });
  const row = inbox?.rows[n % Math.max(1, inbox.rows.length)];
  if (!inbox || !row) return;
  await call('messages.setFlag', { entryIds: [row.id], flag: 'flagged', isSet: !row.isFlagged });
  told({ entry: row.id, isFlagged: !row.isFlagged });
}

async function read(n: number): Promise<void> {
  const { inbox } = await call('overview.get', { rows: 50 });
  await call('search.query', { text: `words ${n % 7}`, mailboxKey: null, limit: 50 });
  const row = inbox?.rows.find((one) => one.bodyState === 'complete');
  if (row) await call('messages.open', { entryId: row.id });
}

engine.start();
for (let n = 1; ; n += 1) {
  await write(n);
  await change(n);
  await read(n);
}
