import { isAtom, tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { uidSet } from '../second-client.ts';
import { mailboxArg } from './commands-mailboxes.ts';
import { expungeUids } from './commands-change.ts';
import { inSet, parseNumberSet } from './number-set.ts';
import { need, Refusal, selectedOf, viewed, type Handler, type Selected, type ScriptSession } from './session-state.ts';

const SYSTEM_FLAGS = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

interface QresyncParams {
  readonly uidValidity: number;
  readonly modSeq: bigint;
  readonly knownUids: string | null;
}

function qresyncParams(session: ScriptSession, options: readonly Token[]): QresyncParams | null {
  const at = options.findIndex((token) => isAtom(token, 'QRESYNC'));
  if (at < 0) return null;
  need(session, 'QRESYNC');
  if (!session.isQresync) throw new Refusal('BAD', 'QRESYNC is not enabled');
  const [uidValidity, modSeq, known] = tokenItems(options[at + 1]);
  return {
    uidValidity: Number(tokenText(uidValidity)),
    modSeq: BigInt(tokenText(modSeq)),
    knownUids: known?.type === 'atom' ? known.value : null,
  };
}

async function tellState(session: ScriptSession, selected: Selected): Promise<void> {
  const { mailbox } = selected;
  const keywords = new Set(mailbox.messages.flatMap((m) => [...m.flags].filter((flag) => !flag.startsWith('\\'))));
  const flags = [...SYSTEM_FLAGS, ...keywords].join(' ');
  const lines = [
    `FLAGS (${flags})`,
    `OK [PERMANENTFLAGS (${flags}${selected.isReadOnly ? '' : ' \\*'})] Flags`,
    `${mailbox.messages.length} EXISTS`,
    '0 RECENT',
    `OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid`,
    `OK [UIDNEXT ${mailbox.uidNext}] Predicted next UID`,
  ];
  if (session.has('CONDSTORE'))
    lines.push(mailbox.hasModSeq ? `OK [HIGHESTMODSEQ ${mailbox.highestModSeq}] Highest` : 'OK [NOMODSEQ] No MODSEQ');
  if (session.has('OBJECTID')) lines.push(`OK [MAILBOXID (${mailbox.mailboxId})] Id`);
  await session.output.write(lines.map((line) => `* ${line}\r\n`).join(''));
}

async function tellSince(session: ScriptSession, selected: Selected, params: QresyncParams): Promise<void> {
  const { mailbox } = selected;
  if (params.uidValidity !== mailbox.uidValidity || !mailbox.hasModSeq) return;
  const known = params.knownUids === null ? null : parseNumberSet(params.knownUids, mailbox.uidNext);
  const vanished = mailbox.expunged.filter((e) => e.modSeq > params.modSeq && (!known || inSet(known, e.uid))).map((e) => e.uid);
  if (vanished.length > 0) await session.output.write(`* VANISHED (EARLIER) ${uidSet(vanished)}\r\n`);
  for (const { message, sequence } of viewed(selected)) {
    if (message.modSeq <= params.modSeq) continue;
    await session.output.write(
      `* ${sequence} FETCH (UID ${message.uid} FLAGS (${[...message.flags].join(' ')}) MODSEQ (${message.modSeq}))\r\n`,
    );
  }
}

const select =
  (isReadOnly: boolean): Handler =>
  async (session, args) => {
    const previous = session.selected;
    session.selected = null;
    const mailbox = mailboxArg(session, args[0]);
    const options = tokenItems(args[1]);
    if (options.some((token) => isAtom(token, 'CONDSTORE'))) {
      need(session, 'CONDSTORE');
      session.isCondstore = true;
    }
    const params = qresyncParams(session, options);
    if (previous && session.isQresync) await session.output.write('* OK [CLOSED] Previous mailbox closed\r\n');
    const view = mailbox.messages.map((message) => message.uid);
    const selected: Selected = {
      mailbox,
      isReadOnly,
      view,
      knownModSeq: mailbox.highestModSeq,
      told: new Map(),
      uidValidity: mailbox.uidValidity,
    };
    await tellState(session, selected);
    if (params) await tellSince(session, selected, params);
    session.selected = selected;
    return `[${isReadOnly ? 'READ-ONLY' : 'READ-WRITE'}] Select completed`;
  };

const close: Handler = (session) => {
  const selected = selectedOf(session);
  if (!selected.isReadOnly) {
    const deleted = selected.mailbox.messages.filter((m) => m.flags.has('\\Deleted')).map((m) => m.uid);
    expungeUids(selected, deleted);
  }
  session.selected = null;
  return 'CLOSE completed';
};

const unselect: Handler = (session) => {
  need(session, 'UNSELECT');
  selectedOf(session);
  session.selected = null;
  return 'UNSELECT completed';
};

/** Commands that open and close a mailbox. */
export const selectCommands: Readonly<Record<string, Handler>> = {
  SELECT: select(false),
  EXAMINE: select(true),
  CLOSE: close,
  UNSELECT: unselect,
};
