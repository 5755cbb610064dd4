/**
 * Runs the entry of a command line again and again, as a shell would, without a process for each: what it imports is read once. Started by
 * command-line.ts with the path of that entry.
 */
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(process.argv[2]).href;
let runs = 0;

function setEnvironment(env) {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

/** Takes what is written there until the returned function is called, which gives it. */
function capture(stream) {
  const chunks = [];
  const { write } = stream;
  stream.write = (chunk, ...rest) => {
    chunks.push(Buffer.from(chunk));
    rest.find((one) => typeof one === 'function')?.();
    return true;
  };
  return () => {
    stream.write = write;
    return Buffer.concat(chunks).toString();
  };
}

process.on('disconnect', () => process.exit());
process.on('message', async ({ args, env }) => {
  setEnvironment(env);
  process.argv = [process.argv[0], process.argv[1], ...args];
  process.exitCode = undefined;
  const [out, err] = [capture(process.stdout), capture(process.stderr)];
  runs += 1;
  // Another address is another module: the entry itself is evaluated anew.
  await import(`${entry}?run=${runs}`);
  process.send({ code: process.exitCode ?? 0, out: out(), err: err() });
});
