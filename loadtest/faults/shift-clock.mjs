/** Loaded before the server: at each SIGUSR2 the time of day jumps. The monotonic clock does not, as on a machine whose clock is set. */
const hour = 3_600_000;
const jumps = [6 * hour, -30 * hour, 72 * hour, 0];
const TrueDate = Date;
let offset = 0;
let next = 0;

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    if (given.length === 0) super(TrueDate.now() + offset);
    else super(...given);
  }
  static now() {
    return TrueDate.now() + offset;
  }
};

process.on('SIGUSR2', () => {
  offset = jumps[next++ % jumps.length];
});
