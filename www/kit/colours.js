// The spectrogram's colours: one ramp of even steps in lightness, from ink to mint on dark pages and back on light ones.

/** Colours at even distances, after seaborn's "mako", whose lightness rises steadily. */
const DARK = ["#171d20", "#2e2a4a", "#413d7b", "#37659e", "#348fa7", "#40b7ad", "#8bdab2", "#def5e5"];
const LIGHT = ["#e9f1ee", "#b4dfcc", "#6cc8b0", "#3ca5aa", "#357fa2", "#3d5590", "#3d3163", "#20132b"];

/** @param {boolean} dark @returns {Uint8ClampedArray} 256 colours of 4 bytes */
export function ramp(dark) {
  const stops = (dark ? DARK : LIGHT).map(parse);
  const table = new Uint8ClampedArray(256 * 4);
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (stops.length - 1);
    const at = Math.min(Math.floor(place), stops.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [stops[at][channel], stops[at + 1][channel]];
      table[step * 4 + channel] = from + (to - from) * (place - at);
    }
    table[step * 4 + 3] = 255;
  }
  return table;
}

/** @param {string} colour "#rrggbb" */
const parse = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
