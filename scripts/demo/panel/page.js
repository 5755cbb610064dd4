/* global document, fetch, setInterval */
const POLL_MS = 700;
const message = document.querySelector('[data-message]');

function show(state) {
  for (const place of document.querySelectorAll('[data-state]')) place.textContent = state[place.dataset.state];
  for (const place of document.querySelectorAll('[data-figure]')) place.textContent = String(state[place.dataset.figure]);
}

async function ask(name, method) {
  const answer = await fetch(name, { method });
  if (!answer.ok) throw new Error(await answer.text());
  show(await answer.json());
}

for (const button of document.querySelectorAll('[data-do]')) {
  button.addEventListener('click', () => {
    ask(button.dataset.do, 'POST').catch((error) => (message.textContent = String(error)));
  });
}
const look = () => ask('state', 'GET').catch(() => (message.textContent = 'The demo has ended.'));
setInterval(look, POLL_MS);
await look();
