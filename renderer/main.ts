import '../shared/no-jit.ts';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './state/session.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the document has no place for the app');
mount(App, { target });
void session.start();
