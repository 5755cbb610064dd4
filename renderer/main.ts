import '../shared/no-jit.ts';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './state/session.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the document has no place for the app');
// The system's language may not be the one a person chose; the settings, which tell, are on their way meanwhile.
const started = session.start();
await session.spoken;
mount(App, { target });
await started;
