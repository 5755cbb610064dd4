// Runs in a page: opens every mail and every file of it, as the reader does. Bytes stay here: the inspector would carry each of them as text.
// A file that another program could be misled by has to be refused. Gives what was there, and what was wrong.
async (ids) => {
  const { calls } = globalThis.continuity;
  const value = async (answer) => {
    const given = await answer;
    if (!given.ok) throw new Error(given.error.code);
    return given.value;
  };
  const counts = { opened: 0, withBody: 0, attachments: 0, refused: 0 };
  const wrong = [];
  for (const entryId of ids) {
    const view = await value(calls['messages.open']({ entryId }));
    counts.opened += 1;
    if ((view.text ?? '') !== '' || (view.html ?? '') !== '') counts.withBody += 1;
    const dangers = view.attachments.length === 0 ? [] : await value(calls['attachments.dangers']({ entryId }));
    for (const { index, sizeBytes, mimeType } of view.attachments) {
      const isDanger = dangers.some((one) => one.index === index);
      // Attached mails are the ones in this sample that another program could be misled by: they are opened by the reader, not previewed.
      if (isDanger !== (mimeType === 'message/rfc822')) wrong.push(`${entryId} ${index} danger ${isDanger}`);
      const preview = await calls['attachments.preview']({ entryId, index });
      if (isDanger ? preview.error?.code !== 'call-rejected' : preview.value?.content.length !== sizeBytes) {
        wrong.push(`${entryId} ${index} ${preview.error?.code ?? `${preview.value.content.length} of ${sizeBytes} bytes`}`);
      }
      counts.attachments += 1;
      if (isDanger) counts.refused += 1;
    }
  }
  return { counts, wrong };
};
