// A panel for each thread: chart, portraits, facts, montage and history.
import { Chart } from "./chart.js";
import { number, ranked, spread, summary, totals } from "./model.js";

/** Makes an element; `children` are elements or texts, and texts are never markup. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Changes a text only if it differs: screen readers hear of each change. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function picture(url, alt) {
  const image = make("img", { alt, loading: "lazy", decoding: "async", width: 64, height: 64 });
  image.src = url;
  return image;
}

export class Panel {
  constructor(place, { choose, open }) {
    Object.assign(this, { ...place, choose, open, drawn: 0, shown: "", totals: [] });
    this.chart_place = make("div", { className: "chart" });
    this.legend = make("div", { className: "legend" });
    this.portraits = make("div", { className: "portraits" });
    this.facts = make("dl", { className: "facts" });
    this.montage = make("div", { className: "montage" });
    this.strip = make("div", { className: "strip" });
    this.strip.setAttribute("aria-label", "best image of every generation");
    this.title = make("h2");
    this.strip_title = make("h2");
    this.montage_title = make("h2");
    this.element = make("section", { className: "card thread" },
      this.title,
      make("div", {}, this.chart_place, this.legend),
      make("div", {}, this.portraits, this.facts),
      make("div", { className: "strip-row" }, this.strip_title, this.strip),
      make("div", { className: "strip-row" }, this.montage_title, this.montage));
    this.chart = new Chart(this.chart_place, {
      click: (generation, column) => open(this, generation, column),
      label: () => this.words(),
    });
    this.smooth = make("input", { type: "checkbox" });
    this.smooth.addEventListener("change", () => this.draw());
  }

  url(generation, column) {
    return `/live/image/${this.source}/${this.thread}/${generation}/${column}`;
  }

  words() {
    const last = this.data.scored.at(-1);
    if (!last) return `${this.data.name}: no scores yet`;
    const { mean, best, missing } = summary(last.clean ?? last.scores, this.data.minimize);
    return `${this.data.name}: ${this.data.scored.length} generations; in the last one mean ${number(mean)}, best ${number(best)}, ${missing} missing`;
  }

  update(data, title, generation) {
    Object.assign(this, { data, generation: Math.min(generation, data.scored.length - 1) });
    say(this.title, title);
    say(this.strip_title, `Best image of every generation${data.on_canvas ? ", on its canvas" : ""}`);
    this.element.hidden = false;
    this.draw();
    if (this.generation >= 0) {
      this.show_strip();
      this.show_generation();
    }
  }

  draw() {
    const { scored, color, minimize } = this.data;
    const smoothing = this.smooth.checked ? 5 : 1;
    const span = Math.max(scored.length, Math.min(this.data.generations, Math.max(20, scored.length * 2)));
    this.chart.show([{ scored, color, minimize, points: true }], { span, chosen: this.generation, smoothing });
    const clean = scored.some((own) => own.clean), references = scored.some((own) => own.references?.length);
    const kinds = `${clean} ${references}`;
    if (this.kinds === kinds) return;
    this.kinds = kinds;
    const key = (background, text) => {
      const mark = make("i");
      mark.style.background = background;
      return make("span", {}, mark, text);
    };
    this.legend.replaceChildren(
      key(color, clean ? "clean scores, their mean (line) and best (dashed)" : "scores, their mean (line) and best (dashed)"),
      ...(clean ? [key("var(--quiet)", "scores with noise, as the optimizer saw them")] : []),
      ...(references ? [key("var(--line)", "references: mean and standard deviation")] : []),
      make("label", {}, this.smooth, " mean over 5 generations"));
  }

  show_strip() {
    const { scored, minimize } = this.data;
    const near_end = this.strip.scrollLeft + this.strip.clientWidth > this.strip.scrollWidth - 80;
    for (; this.drawn < scored.length; this.drawn += 1) {
      const own = scored[this.drawn], generation = this.drawn;
      const { at } = summary(own.clean ?? own.scores, minimize);
      const button = make("button", { type: "button", title: `generation ${generation}` });
      if (at !== null) button.append(picture(this.url(generation, at), `best image of generation ${generation}`));
      button.append(String(generation));
      button.addEventListener("click", () => this.choose(generation));
      this.strip.append(button);
    }
    this.strip.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
    this.strip.children[this.generation]?.setAttribute("aria-current", "true");
    if (near_end && this.generation === scored.length - 1) this.strip.scrollLeft = this.strip.scrollWidth;
  }

  show_generation() {
    const { scored, minimize } = this.data, own = scored[this.generation];
    const shown = `${this.generation}`;
    if (this.shown === shown) return;
    this.shown = shown;
    const scores = own.clean ?? own.scores, facts = summary(scores, minimize), { best } = totals(this.data, this.totals)[this.generation];
    const portrait = (url, head, tail) => {
      const figure = make("figure", {}, picture(url, head), make("strong", {}, head), make("br"), tail);
      figure.firstChild.loading = "eager";
      return figure;
    };
    this.portraits.replaceChildren(
      ...(best ? [portrait(this.url(best.generation, best.column), "best so far", `${number(best.score)}, generation ${best.generation}`)] : []),
      portrait(this.url(this.generation, "mean"), "mean code", `of generation ${this.generation}`));
    say(this.montage_title, `Generation ${this.generation}, best first`);
    this.montage.replaceChildren(...ranked(scores, minimize).map((column) => {
      const text = scores[column] === null ? "missing" : number(scores[column]);
      const button = make("button", { type: "button", title: `code ${column}: ${text}` }, picture(this.url(this.generation, column), `code ${column}`), text);
      button.addEventListener("click", () => this.open(this, this.generation, column));
      return button;
    }));
    this.show_facts(own, facts);
  }

  async show_facts(own, { mean, best, missing }) {
    const { count, missing: lost } = this.totals[this.generation];
    const rows = [
      ["mean, best", `${number(mean)}, ${number(best)}`],
      ["missing", `${missing} of ${own.scores.length}; ${((100 * lost) / Math.max(1, count)).toFixed(1)} % until here`],
      ["evaluations", String(count)],
    ];
    if (own.references?.length) {
      const { mean: level, sd } = spread(own.references);
      rows.push(["references", sd === null ? number(level) : `${number(level)} ± ${number(sd)}`]);
    }
    if (own.wait_s !== null) rows.push(["time", `rig ${number(own.wait_s)} s`]);
    if (own.seconds) {
      const { ask, evaluate, tell } = own.seconds, ms = (s) => `${(1000 * s).toFixed(1)} ms`;
      rows.push(["time", `ask ${ms(ask)}, evaluate ${ms(evaluate)}, tell ${ms(tell)}`]);
    }
    const put = () => this.facts.replaceChildren(...rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]));
    put();
    const shown = this.shown;
    const answer = await fetch(`/live/generation/${this.source}/${this.thread}/${this.generation}`).catch(() => null);
    if (!answer?.ok || shown !== this.shown) return;
    const { norms, mean_norm, step_degrees } = await answer.json();
    rows.push(["norm of codes", number(spread(norms).mean)], ["norm of mean code", number(mean_norm)]);
    if (step_degrees !== null) rows.push(["step of mean code", `${number(step_degrees)}°`]);
    put();
  }
}
