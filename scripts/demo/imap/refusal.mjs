// @ts-check

/** Thrown by a command to be answered with NO. */
export class Refusal extends Error {
  /** @param {string} text With its response code, if any. */
  constructor(text) {
    super(text);
    this.name = 'Refusal';
  }
}
