/** @file Half-precision bits to float32, where every half is exact, and back, where it is rounded. */

/** IEEE binary16 bits to float32. */
export function widenFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** bfloat16 bits, the upper half of a float32, to float32. */
export function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/** To the nearest half, of two that are as near the even one; what is beyond 65,504 becomes that. */
export function narrowFloat16(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.slice().buffer);
  return Uint16Array.from(bits, (bit) => {
    const sign = (bit >>> 16) & 0x8000;
    const size = bit & 0x7fffffff;
    if (size > 0x7f800000) return sign | 0x7e00; // not a number
    if (size >= 0x477fe000) return sign | 0x7bff;
    const exponent = (size >>> 23) - 112;
    const [fraction, drop] = exponent > 0 ? [size & 0x7fffff, 13] : [(size & 0x7fffff) | 0x800000, Math.min(14 - exponent, 25)];
    const kept = (Math.max(exponent, 0) << 10) + (fraction >>> drop);
    const [rest, middle] = [fraction & ((1 << drop) - 1), 1 << (drop - 1)];
    return sign | (rest > middle || (rest === middle && kept & 1) ? kept + 1 : kept);
  });
}
