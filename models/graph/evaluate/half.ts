/** The float16 nearest to `x`; of two that are as near, the even one. Beyond 65,504 there is infinity. */
export function half(x: number): number {
  const size = Math.abs(x);
  if (!(size > 0) || size === Number.POSITIVE_INFINITY) return x;
  const step = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  const down = Math.floor(size / step);
  const rest = size / step - down;
  const steps = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
  return Math.sign(x) * (steps * step > 65_504 ? Number.POSITIVE_INFINITY : steps * step);
}
