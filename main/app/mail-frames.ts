import { setTimeout as sleep } from 'node:timers/promises';
import { app, webFrameMain, type WebContents } from 'electron';

/** Looks at a frame that has its mail; between two of them a busy process has used up at least a tenth of the time. */
const LOOK_MS = 500;
const BUSY_SHARE = 0.1;
/** From the moment on in which it has its mail. With what its cleaning took before, about the five seconds after which a mail is given up. */
const GIVE_UP_MS = 4_000;
/** A frame that is drawn again and again (a moving picture) has so much time to answer, whenever it is asked. */
const ANSWER_MS = 1_000;

/**
 * Tells of each frame within the page that has its mail and then does not come to rest: a few kilobytes of nested columns keep a layout going for
 * years. It begins before, with or after the end of the load, which is told to nobody, to the page alone, or to both; so the frame is watched from
 * before that. It is in a process of its own; who takes it away ends that.
 */
export function watchMailFrames(contents: WebContents, onstuck: () => void): void {
  contents.on('did-frame-navigate', (_event, _url, _code, _status, isMainFrame, processId, routingId) => {
    if (!isMainFrame) void isStuck(processId, routingId).then((stuck) => stuck && onstuck());
  });
}

async function isStuck(processId: number, routingId: number): Promise<boolean> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  const frame = () => webFrameMain.fromId(processId, routingId);
  const pid = frame()?.osProcessId;
  await sleep(LOOK_MS);
  let used = frame() === undefined ? 0 : cpuSeconds(pid);
  // To the end: on a busy computer a layout may begin late, and a frame that has not begun answers as one at rest does.
  while (frame() !== undefined && performance.now() < giveUpAt) {
    await sleep(LOOK_MS);
    const now = cpuSeconds(pid);
    // One at rest is not asked: to be asked would show in its console.
    const isBusy = now - used >= (BUSY_SHARE * LOOK_MS) / 1_000;
    used = now;
    if (isBusy && !(await answers(frame(), giveUpAt - performance.now()))) return frame() !== undefined;
  }
  return false;
}

/** CPU time of a process, user and system; 0 for one that is gone. */
function cpuSeconds(pid: number | undefined): number {
  return app.getAppMetrics().find((one) => one.pid === pid)?.cpu.cumulativeCPUUsage ?? 0;
}

/** Whether the process has time for the frame. No script can run in it; that it was refused is answer enough. */
async function answers(frame: Electron.WebFrameMain | undefined, withinMs: number): Promise<boolean> {
  const asked = frame?.executeJavaScript('0').then(
    () => true,
    () => true,
  );
  return Promise.race([asked ?? true, sleep(Math.max(ANSWER_MS, withinMs), false)]);
}
