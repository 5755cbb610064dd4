import { describe, expect, it } from 'vitest';
import { Saver, SAVE_AFTER_MS, SAVE_AT_LEAST_MS } from '../../renderer/compose/saver.ts';

/** Timers that pass when told to, and saves that end when told to. */
function rig() {
  let now = 0;
  let timers: { at: number; work: () => void }[] = [];
  const running: { resolve: () => void; reject: (why: Error) => void }[] = [];
  const text = { now: '', saved: [] as string[] };
  const saver = new Saver({
    save: () => {
      const taken = text.now;
      return new Promise<void>((resolve, reject) => {
        running.push({ resolve: () => (text.saved.push(taken), resolve()), reject });
      });
    },
    later: (ms, work) => {
      const timer = { at: now + ms, work };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    saver,
    text,
    running,
    settle,
    type: (more: string) => {
      text.now += more;
      saver.changed();
    },
    pass: async (ms: number) => {
      now += ms;
      const due = timers.filter((one) => one.at <= now);
      timers = timers.filter((one) => one.at > now);
      for (const { work } of due) work();
      await settle();
    },
    end: async () => {
      running.shift()?.resolve();
      await settle();
    },
    fail: async () => {
      running.shift()?.reject(new Error('refused'));
      await settle();
    },
  };
}

describe('saving a draft by itself', () => {
  it('waits for a pause in the typing', async () => {
    const { type, pass, running, end, text } = rig();
    type('a');
    await pass(SAVE_AFTER_MS - 100);
    type('b');
    await pass(SAVE_AFTER_MS - 100);
    expect(running).toHaveLength(0);
    await pass(100);
    await end();
    expect(text.saved).toEqual(['ab']);
  });

  it('saves who types without a pause now and then', async () => {
    const { type, pass, running } = rig();
    for (let ms = 0; ms < SAVE_AT_LEAST_MS; ms += 500) {
      type('x');
      await pass(500);
    }
    expect(running).toHaveLength(1);
  });

  it('saves what was typed during a save by another one, never two at once', async () => {
    const { type, pass, running, end, text, saver } = rig();
    type('a');
    await pass(SAVE_AFTER_MS);
    type('b');
    const flushed = saver.flush();
    expect(running).toHaveLength(1);
    await end();
    expect(running).toHaveLength(1);
    await end();
    await flushed;
    expect(text.saved).toEqual(['a', 'ab']);
    expect(saver.isDirty).toBe(false);
  });

  it('tries again after a refusal, and says so to who waits', async () => {
    const { type, pass, running, fail, end, text, saver, settle } = rig();
    type('a');
    const flushed = saver.flush().then(
      () => 'saved',
      () => 'refused',
    );
    await settle();
    await fail();
    expect(await flushed).toBe('refused');
    type('b');
    await pass(SAVE_AFTER_MS);
    await fail();
    await pass(5_000);
    expect(running).toHaveLength(1);
    await end();
    expect(text.saved).toEqual(['ab']);
  });

  it('saves nothing any more once it is stopped, and goes on when it is resumed', async () => {
    const { type, pass, running, saver, end, text } = rig();
    type('a');
    await saver.stop();
    await pass(SAVE_AT_LEAST_MS);
    expect(running).toHaveLength(0);
    saver.resume();
    await pass(SAVE_AFTER_MS);
    await end();
    expect(text.saved).toEqual(['a']);
  });
});
