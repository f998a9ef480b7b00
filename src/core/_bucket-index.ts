// Where the boundaries of the base-2 exponential buckets lie, exactly, and which bucket a value falls into.
// https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
// Hot path (one call per observation): exponent and mantissa are taken from the bits of the double, because Math.log2
// is several times slower and puts values near a boundary into the wrong bucket.

/** The finest scale: 64 buckets an octave, the outermost values of a bucket 0.54 % from its estimate. */
export const scaleMax = 6;

/** The coarsest scale: all doubles of one sign lie in two buckets, those up to 1 and those above. */
export const scaleMin = -11;

const perOctave = 2 ** scaleMax;
const mantissaBits = 52n;

/**
 * `bounds[k]` is the mantissa, as an integer of 52 bits, of the largest double up to 2^(k/64); the last is above all.
 * The powers are irrational but for k = 0, so that this decides `value <= 2^(k/64)` exactly.
 */
const bounds = createBounds();

/** The top seven bits of the mantissa name a slot, in which at most one bound lies: a bucket is wider than a slot. */
const slots = 128;
const boundsBelowSlot = createBoundsBelowSlot();

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const highWord = isLittleEndian ? 1 : 0;
const lowWord = isLittleEndian ? 0 : 1;

/**
 * The bucket i at `scaleMax` for which 2^(i/64) < value <= 2^((i+1)/64). The value is finite and above zero.
 * At a coarser scale s the bucket is `toIndex(value) >> (scaleMax - s)`.
 */
export function toIndex(value: number): number {
  float[0] = value;
  const high = words[highWord] ?? 0;
  if (high < 0x10_0000) {
    return subnormalIndex(value);
  }
  const mantissa = (high & 0xf_ffff) * 0x1_0000_0000 + (words[lowWord] ?? 0);
  const below = boundsBelowSlot[(high >>> 13) & (slots - 1)] ?? 0;
  const within = mantissa > (bounds[below] ?? 0) ? below : below - 1;
  return ((high >>> 20) - 1023) * perOctave + within;
}

function subnormalIndex(value: number): number {
  return toIndex(value * 2 ** 54) - 54 * perOctave;
}

/** 2^(index / 2^scale), the exclusive lower bound of a bucket; 0 and Infinity beyond the range of doubles. */
export function toLowerBound(index: number, scale: number): number {
  if (scale <= 0) {
    return 2 ** (index * 2 ** -scale);
  }
  const octave = index >> scale;
  const within = (index - octave * 2 ** scale) << (scaleMax - scale);
  return (1 + (bounds[within] ?? 0) * 2 ** -52) * 2 ** octave;
}

/**
 * What stands for all values of a bucket: the harmonic mean of its bounds, from which none of them is further away
 * than (g - 1) / (g + 1) of its own size, g = 2^(2^-scale).
 */
export function toEstimate(index: number, scale: number): number {
  return toLowerBound(index, scale) * (2 / (1 + 2 ** -(2 ** -scale)));
}

/** Each is floor(2^52 · 2^(k/64)): a guess by floating point, corrected by comparing 64th powers. */
function createBounds(): Float64Array {
  const found = new Float64Array(perOctave + 1);
  const degree = BigInt(perOctave);
  for (let k = 1; k < perOctave; k++) {
    const power = 1n << (mantissaBits * degree + BigInt(k));
    let bound = BigInt(Math.round(2 ** (k / perOctave) * 2 ** 52)) + 2n;
    while (bound ** degree > power) {
      bound--;
    }
    found[k] = Number(bound - (1n << mantissaBits));
  }
  found[perOctave] = 2 ** 52;
  return found;
}

function createBoundsBelowSlot(): Uint8Array {
  const found = new Uint8Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    found[slot] = bounds.findIndex((bound) => bound >= slot * 2 ** 45);
  }
  return found;
}
