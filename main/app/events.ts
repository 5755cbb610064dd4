import type { WebContents } from 'electron';
import { eventChannel } from '../../shared/ipc/channels.ts';
import type { EventName, EventPayload } from '../../shared/ipc/events.ts';

export type SendEvent = <N extends EventName>(name: N, payload: EventPayload<N>) => void;

/** Sends events to our own window only, and drops them while there is none. */
export function eventSender(window: () => WebContents | null): SendEvent {
  return (name, payload) => {
    const contents = window();
    if (contents && !contents.isDestroyed()) contents.send(eventChannel, name, payload);
  };
}
