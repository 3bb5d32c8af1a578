// A VGG16 checkpoint of 269 MB with the weights of the formula in tests/fixtures/make_vgg16.py, made once in target/.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";

const FOLDER = new URL("../../target/e2e/", import.meta.url);
const CHANNELS = [[0, 3, 64], [2, 64, 64], [5, 64, 128], [7, 128, 128], [10, 128, 256], [12, 256, 256], [14, 256, 256],
  [17, 256, 512], [19, 512, 512], [21, 512, 512], [24, 512, 512], [26, 512, 512], [28, 512, 512]];
/** Names and shapes in torchvision's order: a tensor's place is its number in the formula. */
const TENSORS = [
  ...CHANNELS.map(([at, from, to]) => [`features.${at}`, [to, from, 3, 3]]),
  ["classifier.0", [4096, 25_088]],
  ["classifier.3", [4096, 4096]],
].flatMap(([name, shape]) => [[`${name}.weight`, shape], [`${name}.bias`, shape.slice(0, 1)]]);

/** After so many numbers the formula gives the same again. */
const PERIOD = 1_000_003;

const count = (shape) => shape.reduce((product, length) => product * length, 1);

/** @returns {string} the file's path */
export function seededCheckpoint() {
  const path = new URL(`vgg16-${PERIOD}.safetensors`, FOLDER).pathname;
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const header = { __metadata__: { format: "hearsight-vgg16-1" } };
  let end = 0;
  for (const [name, shape] of TENSORS) {
    header[name] = { dtype: "F16", shape, data_offsets: [end, (end += 2 * count(shape))] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  const file = openSync(`${path}.part`, "w");
  const write = (bytes) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  };
  write(length);
  write(json);
  TENSORS.forEach(([name, shape], number) => {
    const scale = name.endsWith("weight") ? Math.sqrt(6 / count(shape.slice(1))) : 0.1;
    write(Buffer.from(tensor(number, count(shape), Math.fround(scale)).buffer));
  });
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}

/** SplitMix64 of the index, 24 bits to [-1, 1), times `scale`, rounded to f16. Numbers of 64 bits are two halves here. */
function tensor(number, numbers, scale) {
  const halves = new Uint16Array(numbers);
  for (let index = 0; index < Math.min(numbers, PERIOD); index++) {
    multiply(number, index + 1, 0x9e3779b9, 0x7f4a7c15);
    multiply((high ^ (high >>> 30)) >>> 0, (low ^ ((low >>> 30) | (high << 2))) >>> 0, 0xbf58476d, 0x1ce4e5b9);
    multiply((high ^ (high >>> 27)) >>> 0, (low ^ ((low >>> 27) | (high << 5))) >>> 0, 0x94d049bb, 0x133111eb);
    const top = ((high ^ (high >>> 31)) >>> 0) >>> 8;
    halves[index] = half((top / 2 ** 23 - 1) * scale);
  }
  for (let there = PERIOD; there < numbers; there *= 2) halves.copyWithin(there, 0, there);
  return halves;
}

let high = 0;
let low = 0;

/** Leaves the product of two numbers of 64 bits in `high` and `low`. */
function multiply(aHigh, aLow, bHigh, bLow) {
  const [a0, a1, b0, b1] = [aLow & 0xffff, aLow >>> 16, bLow & 0xffff, bLow >>> 16];
  const first = a0 * b0;
  const middle = a1 * b0 + Math.floor(first / 65_536);
  const carried = (middle % 65_536) + a0 * b1;
  const carry = a1 * b1 + Math.floor(middle / 65_536) + Math.floor(carried / 65_536);
  low = Math.imul(aLow, bLow) >>> 0;
  high = (carry + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) >>> 0;
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest f16 of a number below 1, as bits; of two equally near ones the even one. */
function half(value) {
  single[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  const shifted = magnitude < 0x38800000
    ? even(Math.abs(single[0]) * 2 ** 24)
    : (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
  return sign | shifted;
}

/** Whole numbers, halves to the even one. */
function even(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
