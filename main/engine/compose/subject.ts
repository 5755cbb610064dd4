const REPLY = 're|aw|antw|antwort|sv|vs|res|odp';
const FORWARD = 'fwd?|wg|wtr|rv|enc|vb';
const COUNT = '(?:\\s*[\\[(]\\d{1,3}[\\])])?';
const REPLIES = new RegExp(`^(?:\\s*(?:${REPLY})${COUNT}\\s*:)+\\s*`, 'i');
const FORWARDS = new RegExp(`^(?:\\s*(?:${FORWARD})${COUNT}\\s*:)+\\s*`, 'i');

/** `Re: ` once, whatever the marks of answers (AW:, Re[2]:) in front were; one mark for all languages, so that programs know it. */
export const replySubject = (subject: string): string => `Re: ${subject.trim().replace(REPLIES, '')}`.trimEnd();

/** `Fwd: ` once, whatever the marks of forwarding (WG:, FW:) in front were. */
export const forwardSubject = (subject: string): string => `Fwd: ${subject.trim().replace(FORWARDS, '')}`.trimEnd();
