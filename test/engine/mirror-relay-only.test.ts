import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';

const DAY_MS = 86_400_000;
const OLD = 230;

let primary: ImapScript;
let relay: ImapScript;
beforeEach(async () => {
  primary = await startImapScript();
  relay = await startImapScript();
});
afterEach(async () => {
  await primary.close();
  await relay.close();
});

/** The relay is read while the primary refuses; then the primary comes, and holds none of the relay's older mail. */
async function readRelayFirst(step: (name: string) => void): Promise<EngineRig> {
  const inbox = relay.store.get('INBOX');
  const old = Math.floor((Date.now() - 3 * DAY_MS) / 1000) * 1000;
  for (let n = 0; n < OLD; n += 1) inbox.add({ raw: profileMail(`deleted${n}`), internalDate: old + n * 1000 });
  inbox.add({ raw: profileMail('just come'), internalDate: Math.floor(Date.now() / 1000) * 1000 });
  const login = ({ port }: ImapScript) => ({ port, user: 'alice', password: 'pw-alice' });
  const rig = await EngineRig.open({ primary: login(primary), relay: login(relay), step });
  const allow = primary.fault({ command: 'AUTHENTICATE', nth: 'every', action: { no: '[UNAVAILABLE] later' } });
  await rig.engine.mirrorOnce();
  allow();
  return rig;
}

const shown = (rig: EngineRig): number => rig.rows('INBOX', 'primary').length;

it('what only the relay has is hidden once the primary was read, in portions between which others have their turn', async () => {
  const steps: string[] = [];
  const rig = await readRelayFirst((name) => void steps.push(name));
  try {
    expect(rig.rows('INBOX', 'relay')).toHaveLength(OLD + 1);
    steps.length = 0;
    let isOver = false;
    const turn = (): void => void (isOver || (steps.push('turn'), setImmediate(turn)));
    setImmediate(turn);
    await rig.mirror();
    isOver = true;
    expect(shown(rig)).toBe(1);
    expect(rig.recoverable()).toHaveLength(OLD);
    const order = steps.filter((name) => name === 'mirror.relay-only' || name === 'turn').join(' ');
    expect(order.match(/mirror\.relay-only/gu)).toHaveLength(Math.ceil((OLD + 1) / 100));
    expect(order).not.toContain('mirror.relay-only mirror.relay-only');
    steps.length = 0;
    await rig.mirror();
    expect(steps).not.toContain('mirror.relay-only');
  } finally {
    await rig.close();
  }
});

it.each(['mirror.first-pass', 'mirror.relay-only'])('what was left of that by an end after %s is done by the next look', async (end) => {
  let endsAt: string | null = null;
  const rig = await readRelayFirst((name) => {
    if (name === endsAt) throw new Error('the process ended here');
  });
  try {
    endsAt = end;
    const runs = await rig.engine.mirrorOnce().catch((error: unknown) => [{ error }]);
    expect(String(runs.map((run) => run.error).find((error) => error !== null))).toContain('the process ended here');
    endsAt = null;
    await rig.restart();
    await rig.mirror();
    expect(shown(rig)).toBe(1);
    expect(rig.recoverable()).toHaveLength(OLD);
  } finally {
    await rig.close();
  }
});
