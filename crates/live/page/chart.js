// Charts on a canvas: 80,000 points are drawn at once, and none is an element of its own.
import { number, smooth, spread, summary, ticks } from "./model.js";

const LEFT = 4.2, RIGHT = 0.8, TOP = 0.7, BOTTOM = 2.6; // in units of the font's size

/** A chart in an element; `click(generation, column, thread)` and `label()` are its owner's. */
export class Chart {
  constructor(parent, { click, label }) {
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.label = label;
    parent.append(this.canvas);
    this.series = [];
    this.chosen = null;
    this.smoothing = 1;
    new ResizeObserver(() => this.draw()).observe(parent);
    this.canvas.addEventListener("click", (event) => {
      const hit = this.nearest(event.offsetX, event.offsetY);
      if (hit) click(hit.generation, hit.column, hit.series);
    });
    this.canvas.addEventListener("mousemove", (event) => {
      const hit = this.nearest(event.offsetX, event.offsetY);
      this.canvas.title = hit ? `generation ${hit.generation}, code ${hit.column}: ${number(hit.value)}` : "";
    });
  }

  /** Shows threads: each with scored generations, colour, dash, and whether every point is drawn. */
  show(series, { span, chosen, smoothing = 1 }) {
    Object.assign(this, { series, span, chosen, smoothing });
    this.canvas.setAttribute("aria-label", this.label());
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const ratio = devicePixelRatio || 1, context = this.canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement), font = parseFloat(style.fontSize) * 0.82;
    const color = (name) => style.getPropertyValue(name).trim();
    // What does not depend on the chosen generation is drawn once for the same data.
    const drawn = [width, height, ratio, font, color("--ground"), this.smoothing, this.span, ...this.series.map((s) => s.scored.length)].join();
    if (this.drawn !== drawn) {
      this.drawn = drawn;
      this.picture ??= document.createElement("canvas");
      for (const canvas of [this.canvas, this.picture]) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      const picture = this.picture.getContext("2d");
      picture.scale(ratio, ratio);
      Object.assign(picture, { font: `${font}px system-ui, sans-serif`, lineJoin: "round" });
      this.frame(width, height, font);
      this.axes(picture, color, font);
      for (const series of this.series) this.one(picture, series, color);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.picture, 0, 0);
    context.scale(ratio, ratio);
    if (this.chosen !== null && this.span > 0) {
      context.strokeStyle = color("--chosen");
      context.lineWidth = 1.5;
      this.line(context, [[this.x(this.chosen), this.box.top], [this.x(this.chosen), this.box.bottom]]);
    }
  }

  frame(width, height, font) {
    let low = Infinity, high = -Infinity;
    const see = (value) => {
      if (value === null) return;
      if (value < low) low = value;
      if (value > high) high = value;
    };
    for (const { scored, points } of this.series) {
      for (const own of scored) {
        if (points) {
          own.scores.forEach(see);
          own.clean?.forEach(see);
          const { mean, sd } = spread(own.references ?? []);
          if (mean !== null) [mean - (sd ?? 0), mean + (sd ?? 0)].forEach(see);
        } else see(summary(own.clean ?? own.scores).mean);
      }
    }
    if (low > high) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    const room = (high - low) * 0.04;
    this.low = low - room;
    this.high = high + room;
    this.box = { left: LEFT * font, right: width - RIGHT * font, top: TOP * font, bottom: height - BOTTOM * font };
  }

  x(generation) {
    return this.box.left + ((this.box.right - this.box.left) * (generation + 0.5)) / Math.max(1, this.span);
  }

  y(value) {
    return this.box.bottom - ((this.box.bottom - this.box.top) * (value - this.low)) / (this.high - this.low);
  }

  axes(context, color, font) {
    const { left, right, top, bottom } = this.box;
    context.lineWidth = 1;
    context.fillStyle = color("--quiet");
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of ticks(this.low, this.high)) {
      context.strokeStyle = color("--grid");
      this.line(context, [[left, this.y(value)], [right, this.y(value)]]);
      context.fillText(number(value), left - font * 0.4, this.y(value));
    }
    context.textAlign = "center";
    for (const generation of ticks(0, Math.max(1, this.span - 1), 6).filter(Number.isInteger)) {
      context.fillText(String(generation), this.x(generation), bottom + font * 0.75);
    }
    context.fillText("generation", (left + right) / 2, bottom + font * 1.95);
    context.strokeStyle = color("--line");
    this.line(context, [[left, top], [left, bottom], [right, bottom]]);
  }

  one(context, { scored, color: own, dash = [], points, minimize }, color) {
    const quiet = color("--quiet");
    const noisy = scored.some((generation) => generation.clean);
    if (points) {
      const size = scored.length > 300 ? 1.8 : 3;
      for (const generation of scored) {
        this.dots(context, generation, generation.scores, noisy ? quiet : own, 0.35, size);
        if (generation.clean) this.dots(context, generation, generation.clean, own, 0.5, size);
      }
      this.band(context, scored, quiet);
    }
    const stats = scored.map((generation) => summary(generation.clean ?? generation.scores, minimize));
    const path = (values) => values.map((value, i) => value === null ? null : [this.x(scored[i].generation), this.y(value)]);
    context.strokeStyle = own;
    context.setLineDash(dash);
    context.lineWidth = 2.5;
    this.line(context, path(smooth(stats.map((s) => s.mean), this.smoothing)));
    if (points) {
      context.lineWidth = 1.3;
      context.setLineDash([5, 3]);
      this.line(context, path(stats.map((s) => s.best)));
    }
    context.setLineDash([]);
  }

  dots(context, { generation }, values, fill, alpha, size) {
    context.fillStyle = fill;
    context.globalAlpha = alpha;
    const x = this.x(generation) - size / 2;
    for (const value of values) if (value !== null) context.fillRect(x, this.y(value) - size / 2, size, size);
    context.globalAlpha = 1;
  }

  /** Mean of the references with one standard deviation on either side. */
  band(context, scored, color) {
    const rows = scored.filter((own) => own.references?.length).map((own) => ({ own, ...spread(own.references) }));
    if (!rows.length) return;
    context.fillStyle = color;
    context.globalAlpha = 0.18;
    context.beginPath();
    rows.forEach(({ own, mean, sd }) => context.lineTo(this.x(own.generation), this.y(mean + (sd ?? 0))));
    [...rows].reverse().forEach(({ own, mean, sd }) => context.lineTo(this.x(own.generation), this.y(mean - (sd ?? 0))));
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.setLineDash([2, 3]);
    this.line(context, rows.map(({ own, mean }) => [this.x(own.generation), this.y(mean)]));
    context.setLineDash([]);
  }

  /** A line through places; null breaks it. */
  line(context, places) {
    context.beginPath();
    let pen = false;
    for (const place of places) {
      if (place) pen ? context.lineTo(...place) : context.moveTo(...place);
      pen = Boolean(place);
    }
    context.stroke();
  }

  /** The point nearest to a place, within 14 pixels; where no points are drawn, the nearest mean. */
  nearest(x, y) {
    let found = null, least = 14 ** 2;
    this.series.forEach(({ scored, points }, series) => {
      for (const own of scored) {
        const dx = this.x(own.generation) - x;
        if (dx * dx > least) continue;
        const values = points ? own.clean ?? own.scores : [summary(own.clean ?? own.scores).mean];
        values.forEach((value, column) => {
          if (value === null) return;
          const distance = dx * dx + (this.y(value) - y) ** 2;
          if (distance < least) [least, found] = [distance, { series, generation: own.generation, column, value }];
        });
      }
    });
    return found;
  }
}
