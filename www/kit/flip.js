// First, last, invert, play: elements that changed place glide there by transform alone. A change in the middle of a
// glide starts from where each element is just then.

const DURATION = 450;
const EASING = "cubic-bezier(0.22, 0.8, 0.24, 1)";
/** What is further than this outside the window does not move visibly, in pixels. */
const NEAR = 150;

const still = matchMedia("(prefers-reduced-motion: reduce)");
/** @type {WeakMap<Element, Animation>} */
const running = new WeakMap();

/**
 * @param {readonly HTMLElement[]} elements in an order in which the first lies on top; some may only come into the document
 * @param {() => void} change moves them in the document
 */
export function glide(elements, change) {
  if (still.matches) return change();
  const before = elements.map((element) => element.getBoundingClientRect());
  for (const element of elements) running.get(element)?.cancel();
  change();
  const after = elements.map((element) => element.getBoundingClientRect());
  elements.forEach((element, index) => {
    const keyframes = inverse(before[index], after[index]);
    if (!keyframes) return;
    const depth = String(elements.length - index);
    for (const keyframe of keyframes) keyframe.zIndex = depth;
    running.set(element, element.animate(keyframes, { duration: DURATION, easing: EASING }));
  });
}

/** @param {DOMRect} from @param {DOMRect} to @returns {Keyframe[] | null} null where there is nothing to see */
function inverse(from, to) {
  const moved = ["x", "y", "width", "height"].some((side) => Math.abs(Reflect.get(from, side) - Reflect.get(to, side)) > 0.5);
  if (!moved || !isNear(to)) return null;
  // Nobody saw where it came from: it appears where it belongs.
  if (!isNear(from)) return [{ opacity: 0, transform: "scale(0.96)" }, { opacity: 1, transform: "none" }];
  const [x, y] = [from.x + from.width / 2 - to.x - to.width / 2, from.y + from.height / 2 - to.y - to.height / 2];
  const start = `translate(${x}px, ${y}px) scale(${from.width / to.width}, ${from.height / to.height})`;
  return [{ transform: start }, { transform: "none" }];
}

/** Whether it is seen, or nearly; what is not in the document is not. @param {DOMRect} box */
const isNear = (box) => box.width > 0 && box.bottom > -NEAR && box.top < innerHeight + NEAR;
