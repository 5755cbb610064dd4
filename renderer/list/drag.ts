/** Names what is dragged, so that nothing else that is dropped is taken for mail. It carries no content. */
export const DRAG_TYPE = 'application/x-holdover-messages';

/** Begins to drag messages, with their number under the pointer. */
export function startDrag(event: DragEvent, label: string): void {
  const { dataTransfer } = event;
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'move';
  dataTransfer.setData(DRAG_TYPE, '');
  const badge = document.createElement('div');
  badge.className = 'drag-badge';
  badge.textContent = label;
  document.body.append(badge);
  dataTransfer.setDragImage(badge, -12, 8);
  // The picture is taken when the handler has ended.
  setTimeout(() => badge.remove());
}

/** Whether messages of this window are what is dragged. */
export const holdsMessages = (event: DragEvent): boolean => event.dataTransfer?.types.includes(DRAG_TYPE) ?? false;
