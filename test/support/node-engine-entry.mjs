import { pathToFileURL } from 'node:url';

// What Electron gives a utility process.
process.parentPort = {
  postMessage: (message) => process.send(message),
  on: (name, listener) => process.on(name, (data) => listener({ data })),
};
await import(pathToFileURL(process.argv[2]).href);
