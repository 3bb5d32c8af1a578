// What came when: a drawing of a first visit's requests, one bar for each kind of file.

/** The kinds in the order in which the page needs them, by their addresses. */
const KINDS = [
  ["styles", /\.css$/],
  ["modules", /www\/.*\.js$|pkg\/.*\.js$/],
  ["list of pictures", /gallery\.json$/],
  ["pictures in view", /gallery\/images\//],
  ["program", /\.wasm$/],
  ["student", /student\.safetensors$/],
  ["index", /index\.safetensors$/],
  ["whole network", /speech\.safetensors$/],
];
const [WIDTH, LEFT, ROW, TOP, RIGHT] = [860, 150, 20, 46, 24];

/** @param {{ name: string, startTime: number, responseEnd: number, encodedBodySize: number }[]} requests as the page's performance has them @returns {{ kind: string, from: number, to: number, count: number, bytes: number }[]} */
export function byKind(requests) {
  return KINDS.flatMap(([kind, pattern]) => {
    const those = requests.filter(({ name }) => pattern.test(new URL(name).pathname));
    if (!those.length) return [];
    const sum = those.reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0);
    return [{ kind, from: Math.min(...those.map(({ startTime }) => startTime)), to: Math.max(...those.map(({ responseEnd }) => responseEnd)), count: those.length, bytes: sum }];
  });
}

/** @param {{ line: string, bars: ReturnType<typeof byKind>, moments: [string, number][] }[]} visits times in milliseconds */
export function drawing(visits) {
  const heights = visits.map(({ bars }) => TOP + bars.length * ROW + 34);
  const parts = visits.map(({ line, bars, moments }, number) => {
    const end = Math.max(...bars.map(({ to }) => to), ...moments.map(([, at]) => at)) * 1.02;
    const x = (time) => LEFT + (time / end) * (WIDTH - LEFT - RIGHT);
    const [floor, parts] = [TOP + bars.length * ROW, [`<text class="head" x="0" y="14">${line}</text>`]];
    moments.forEach(([name, at]) => {
      const anchor = x(at) > WIDTH - 140 ? "end" : "start";
      parts.push(`<path class="moment" d="M${x(at).toFixed(1)} ${TOP - 8}V${floor}"/><text x="${x(at).toFixed(1)}" y="${TOP - 12}" text-anchor="${anchor}">${name} ${(at / 1000).toFixed(1)} s</text>`);
    });
    bars.forEach(({ kind, from, to, count, bytes }, row) => {
      const y = TOP + row * ROW;
      const what = `${count > 1 ? `${count}, ` : ""}${bytes >= 1e5 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`}`;
      const after = x(to) < WIDTH - 130;
      parts.push(`<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${kind}</text><rect x="${x(from).toFixed(1)}" y="${y + 3}" width="${Math.max(1, x(to) - x(from)).toFixed(1)}" height="${ROW - 7}"/>`);
      parts.push(`<text class="what" x="${(after ? x(to) + 6 : x(from) - 6).toFixed(1)}" y="${y + 13}" text-anchor="${after ? "start" : "end"}">${what}</text>`);
    });
    const above = heights.slice(0, number).reduce((sum, height) => sum + height, 12);
    return `<g transform="translate(0 ${above})">${parts.join("")}</g>`;
  });
  const height = heights.reduce((sum, one) => sum + one, 12);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<style>text { fill: #333 } .head { font-size: 13px; font-weight: bold } .what { fill: #666 } rect { fill: #2f7d86 } .moment { stroke: #b3532a; fill: none }</style>
<rect width="${WIDTH}" height="${height}" style="fill: #fff"/>
${parts.join("\n")}
</svg>
`;
}
