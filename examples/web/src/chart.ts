// Milliseconds by number of tokens, as a drawing and as a table.
import { element, milliseconds, svg } from "./dom";

const MARGIN = { left: 46, right: 14, top: 14, bottom: 40 };
const HEIGHT = 240;
const LEAST_WIDTH = 240;
const MOST_RUNS = 200;
/** A run that took longer than so many times what was measured is drawn at the edge: one hiccup hides no curve. */
const HIGHEST_RUN = 1.5;

export interface Point {
  length: number;
  ms: number;
}

export class LatencyChart {
  #measured: Point[] = [];
  #runs: Point[] = [];

  constructor(private readonly place: HTMLElement) {
    let width = 0;
    new ResizeObserver(() => {
      if (place.clientWidth !== width) this.draw();
      width = place.clientWidth;
    }).observe(place);
    this.draw();
  }

  /** A text that was run. */
  addRun(point: Point): void {
    this.#runs = [...this.#runs, point].slice(-MOST_RUNS);
    this.draw();
  }

  addMeasured(point: Point): void {
    this.#measured = [...this.#measured, point];
    this.draw();
  }

  clear(): void {
    this.#measured = [];
    this.#runs = [];
    this.draw();
  }

  clearMeasured(): void {
    this.#measured = [];
    this.draw();
  }

  private draw(): void {
    const points = [...this.#measured, ...this.#runs];
    if (!points.length) {
      this.place.replaceChildren(element("p", { class: "faint" }, "Nothing measured yet."));
      return;
    }
    const width = Math.max(LEAST_WIDTH, this.place.clientWidth);
    const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, HEIGHT - MARGIN.bottom];
    const measured = this.#measured.map(({ ms }) => ms);
    const highest = measured.length ? HIGHEST_RUN * Math.max(...measured) : Infinity;
    const most = Math.min(highest, Math.max(...points.map(({ ms }) => ms)));
    const x = scale(Math.max(...points.map(({ length }) => length)), [1, 2, 4, 8], 2, left, right);
    const y = scale(most, [1, 2, 5, 10], 10, bottom, top);
    const drawing = svg("svg", {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": `Milliseconds by tokens: ${sayPoints(this.#measured.length ? this.#measured : this.#runs)}`,
    });
    for (const tick of y.ticks) {
      drawing.append(
        svg("line", { x1: left, x2: right, y1: y.at(tick), y2: y.at(tick), class: "grid" }),
        svg("text", { x: left - 6, y: y.at(tick) + 4, "text-anchor": "end" }, String(tick)),
      );
    }
    for (const tick of x.ticks) {
      drawing.append(svg("text", { x: x.at(tick), y: bottom + 17, "text-anchor": "middle" }, String(tick)));
    }
    drawing.append(
      svg("text", { x: right, y: HEIGHT - 6, "text-anchor": "end" }, "tokens"),
      svg("text", { x: left + 4, y: top + 14 }, "ms"),
    );
    for (const { length, ms } of this.#runs) {
      drawing.append(svg("circle", { cx: x.at(length), cy: y.at(Math.min(ms, highest)), r: 3.5, class: "run" }));
    }
    const line = this.#measured.map(({ length, ms }) => `${x.at(length)},${y.at(ms)}`).join(" ");
    drawing.append(svg("polyline", { points: line, class: "measured" }));
    for (const { length, ms } of this.#measured) {
      drawing.append(svg("circle", { cx: x.at(length), cy: y.at(ms), r: 4, class: "measured" }));
    }
    this.place.replaceChildren(drawing, ...(this.#measured.length ? [this.table()] : []));
  }

  private table(): HTMLElement {
    const head = element(
      "tr",
      {},
      element("th", { scope: "col" }, "tokens"),
      element("th", { scope: "col" }, "median"),
    );
    const rows = this.#measured.map(({ length, ms }) =>
      element("tr", {}, element("th", { scope: "row" }, String(length)), element("td", {}, milliseconds(ms))),
    );
    return element(
      "details",
      {},
      element("summary", {}, "As a table"),
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)),
    );
  }
}

function sayPoints(points: readonly Point[]): string {
  return points.map(({ length, ms }) => `${length} tokens ${milliseconds(ms)}`).join(", ");
}

/** From 0 to what holds `largest`, with some four round numbers on the way: a factor times a power of `base`. */
function scale(
  largest: number,
  factors: readonly number[],
  base: number,
  from: number,
  to: number,
): { at: (value: number) => number; ticks: number[] } {
  const rough = largest / 4;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const step = factors.map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!;
  const end = Math.ceil(largest / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  return { at: (value) => from + ((to - from) * value) / end, ticks };
}
