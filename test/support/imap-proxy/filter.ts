const SPECIAL_USE = /^\\(All|Archive|Drafts|Flagged|Junk|Sent|Trash|Important)$/i;

interface Rule {
  readonly capability: string;
  readonly command: RegExp;
  readonly args?: RegExp;
}

/** Which capability a command needs. Arguments are matched on the command's first line. */
const RULES: readonly Rule[] = [
  { capability: 'STARTTLS', command: /^STARTTLS$/ },
  { capability: 'COMPRESS=DEFLATE', command: /^COMPRESS$/ },
  { capability: 'ID', command: /^ID$/ },
  { capability: 'NAMESPACE', command: /^NAMESPACE$/ },
  { capability: 'UNSELECT', command: /^UNSELECT$/ },
  { capability: 'IDLE', command: /^IDLE$/ },
  { capability: 'NOTIFY', command: /^NOTIFY$/ },
  { capability: 'MOVE', command: /^(UID )?MOVE$/ },
  { capability: 'UIDPLUS', command: /^UID EXPUNGE$/ },
  { capability: 'ESEARCH', command: /^(UID )?SEARCH$/, args: /^RETURN \(/i },
  { capability: 'CONDSTORE', command: /^(UID )?SEARCH$/, args: /\bMODSEQ \d/i },
  { capability: 'CONDSTORE', command: /^(UID )?FETCH$/, args: /\b(MODSEQ|CHANGEDSINCE)\b/i },
  { capability: 'QRESYNC', command: /^(UID )?FETCH$/, args: /\bVANISHED\b/i },
  { capability: 'CONDSTORE', command: /^(UID )?STORE$/, args: /\(UNCHANGEDSINCE /i },
  { capability: 'CONDSTORE', command: /^(SELECT|EXAMINE)$/, args: /\(.*\bCONDSTORE\b.*\)$/i },
  { capability: 'QRESYNC', command: /^(SELECT|EXAMINE)$/, args: /\(QRESYNC \(/i },
  { capability: 'CONDSTORE', command: /^STATUS$/, args: /\bHIGHESTMODSEQ\b/i },
  { capability: 'CONDSTORE', command: /^LIST$/, args: /\bHIGHESTMODSEQ\b/i },
  { capability: 'LIST-STATUS', command: /^LIST$/, args: /\bRETURN \(.*\bSTATUS \(/i },
  { capability: 'SPECIAL-USE', command: /^LIST$/, args: /\(.*\bSPECIAL-USE\b/i },
  { capability: 'LIST-EXTENDED', command: /^LIST$/, args: /^\(|\bRETURN \(/i },
  { capability: 'SPECIAL-USE', command: /^CREATE$/, args: /\(USE \(/i },
];

/** The hidden capability that this command would need; null when it is allowed. */
export function hiddenCapabilityOf(name: string, args: string, hidden: ReadonlySet<string>): string | null {
  const rule = RULES.find((r) => hidden.has(r.capability) && r.command.test(name) && (r.args?.test(args) ?? true));
  return rule?.capability ?? null;
}

function filterNames(names: string, hidden: ReadonlySet<string>): string {
  return names
    .split(' ')
    .filter((name) => !hidden.has(name.toUpperCase()))
    .join(' ');
}

/** ENABLE without the hidden names; null when nothing is left of it. */
export function filterEnable(args: string, hidden: ReadonlySet<string>): string | null {
  const left = filterNames(args.trim(), hidden);
  return left === '' ? null : left;
}

function withoutSpecialUse(line: string): string {
  return line.replace(/^(\* LIST \()([^)]*)(\))/i, (_, head: string, attributes: string, tail: string) => {
    const kept = attributes.split(' ').filter((attribute) => !SPECIAL_USE.test(attribute));
    return head + kept.join(' ') + tail;
  });
}

/**
 * The first line of a server's answer as the client may see it; null to drop it. The line comes without its end and is
 * never a continuation after a literal.
 */
export function filterServerLine(line: string, hidden: ReadonlySet<string>): string | null {
  if (hidden.has('CONDSTORE') && /^\* OK \[(HIGHESTMODSEQ|NOMODSEQ)\b/i.test(line)) return null;
  if (hidden.has('UIDPLUS') && /^\* OK \[COPYUID\b/i.test(line)) return null;
  let shown = line
    .replace(/^(\* CAPABILITY )(.*)$/i, (_, head: string, names: string) => head + filterNames(names, hidden))
    .replace(
      /^(\S+ OK \[CAPABILITY )([^\]]*)(\])/i,
      (_, head: string, names: string, tail: string) => head + filterNames(names, hidden) + tail,
    )
    .replace(/^(\* ENABLED ?)(.*)$/i, (_, head: string, names: string) => head + filterNames(names, hidden));
  if (hidden.has('UIDPLUS')) shown = shown.replace(/^(\S+ OK )\[(?:COPYUID|APPENDUID) [^\]]*\] ?/i, '$1');
  if (hidden.has('CONDSTORE')) shown = shown.replace(/^(\S+ OK )\[HIGHESTMODSEQ [^\]]*\] ?/i, '$1');
  return hidden.has('SPECIAL-USE') ? withoutSpecialUse(shown) : shown;
}
