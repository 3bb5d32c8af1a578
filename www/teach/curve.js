// Loss and recall of a training, drawn live as SVG.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 96;
/** So many losses make one point of the curve: single steps jump. */
const SMOOTH = 8;

export class Curve {
  /** @type {{ at: number, loss: number }[]} */
  #losses = [];
  /** @type {{ at: number, taught: number | null, gallery: number | null }[]} */
  #recalls = [];
  /** @type {Map<string, SVGPolylineElement>} */
  #lines = new Map();

  /** @param {HTMLElement} svg */
  constructor(svg) {
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    for (const name of ["loss", "taught", "gallery"]) {
      const line = document.createElementNS(SVG, "polyline");
      line.classList.add(`curve-${name}`);
      svg.append(line);
      this.#lines.set(name, line);
    }
  }

  clear() {
    this.#losses = [];
    this.#recalls = [];
    for (const line of this.#lines.values()) line.removeAttribute("points");
  }

  /** @param {number} at share of the steps @param {number} loss */
  loss(at, loss) {
    this.#losses.push({ at, loss });
    const smooth = this.#losses.map(({ at: place }, index) => {
      const part = this.#losses.slice(Math.max(0, index - SMOOTH + 1), index + 1);
      return { at: place, value: part.reduce((sum, point) => sum + point.loss, 0) / part.length };
    });
    const highest = Math.max(...smooth.map(({ value }) => value), 1e-6);
    this.#draw("loss", smooth.map(({ at: place, value }) => [place, value / highest]));
  }

  /** @param {number} at share of the steps @param {number | null} taught @param {number | null} gallery shares found */
  recall(at, taught, gallery) {
    this.#recalls.push({ at, taught, gallery });
    for (const name of /** @type {const} */ (["taught", "gallery"])) {
      this.#draw(name, this.#recalls.flatMap((point) => (point[name] === null ? [] : [/** @type {[number, number]} */ ([point.at, point[name]])])));
    }
  }

  /** @param {string} name @param {[number, number][]} points from 0 to 1 */
  #draw(name, points) {
    const place = (/** @type {[number, number]} */ [x, y]) => `${(x * WIDTH).toFixed(1)},${((1 - y) * (HEIGHT - 4) + 2).toFixed(1)}`;
    this.#lines.get(name)?.setAttribute("points", points.map(place).join(" "));
  }
}
