import '../shared/no-jit.ts';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './state/session.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the document has no place for the app');
void session.start();
// The system's language may not be the one a person chose; the settings, which tell, are on their way meanwhile. Not awaited here: files that
// are loaded later import this one, and would wait for it while it waits for them.
void session.spoken.then(() => mount(App, { target }));
