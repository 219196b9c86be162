/** Thrown where work that was to be stopped ends: not a fault, and told in a sentence of its own. */
export class Stopped extends Error {
  constructor() {
    super('the work was stopped');
    this.name = 'Stopped';
  }
}
