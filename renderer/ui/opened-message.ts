// What belongs to an opened message: loaded with the first one, since no list needs it.
export { default as LinkList } from './LinkList.svelte';
export { default as MessageCare } from './MessageCare.svelte';
export { default as MoreMenu } from './reading/MoreMenu.svelte';
export { default as ReadingParts } from './reading/ReadingParts.svelte';
export { default as RemoteImages } from './RemoteImages.svelte';
