// The page of a campaign: which runs are done, and what they reached. A finished run has a page of its own.
import { NO_TOKEN, listen, looks, token } from "./look.js";
import { ago, cells, counts, number } from "./model.js";
import { make, say } from "./panels.js";

const $ = (id) => document.getElementById(id);
const STATES = ["done", "running", "failed", "damaged", "missing"];
let grid = null, lost = false;

async function refresh() {
  try {
    const answer = await fetch("/live/campaign");
    if (answer.status === 401) return trouble(NO_TOKEN);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const news = await answer.json();
    const redraw = JSON.stringify(news) !== JSON.stringify(grid);
    [grid, lost] = [news, false];
    trouble("");
    if (redraw) show();
    head();
  } catch {
    lose();
  }
}

function lose() {
  lost = true;
  trouble("The program does not answer. The page goes on by itself when it is back.");
  head();
}

function trouble(text) {
  $("trouble").hidden = !text;
  say($("trouble"), text);
}

function head() {
  if (!grid) return;
  const { done, failed, damaged, total } = counts(grid.states);
  const phase = lost ? "disconnected" : done === total ? "finished" : grid.active ? "running" : "waiting";
  $("phase").className = `pill ${{ disconnected: "lost", waiting: "paused" }[phase] ?? phase}`;
  say($("phase"), phase);
  say($("title"), grid.title);
  document.title = `${grid.title} – actmax`;
  const parts = [`${done} of ${total} runs done`];
  if (failed + damaged) parts.push(`${failed + damaged} failed`);
  if (grid.active && grid.seconds_left !== null && done < total) parts.push(`about ${ago(grid.seconds_left)} left`);
  if (!grid.active && done < total) parts.push("no process works on it: `actmax campaign run` goes on");
  say($("progress"), parts.join(" · "));
}

function mark(color, text) {
  const square = make("i");
  square.style.background = color;
  return make("span", { className: "named" }, square, text);
}

function row(tag, ...children) {
  return make("tr", {}, ...children.map((child) => (child instanceof HTMLTableCellElement ? child : make(tag, {}, child))));
}

function show() {
  means();
  runs();
  const list = document.querySelector("#troubles dl");
  $("troubles").hidden = !grid.troubles.length;
  list.replaceChildren(...grid.troubles.flatMap(([run, reason]) => [make("dt", {}, run), make("dd", {}, reason)]));
}

/** A row an optimizer, a column a noise; the bar is the mean, the line its interval. */
function means() {
  const { quantity, means } = grid.summary, section = $("means");
  section.hidden = !means.length && !grid.no_summary;
  if (grid.no_summary) return void say(section.querySelector("h2"), `No means: ${grid.no_summary}`);
  const largest = Math.max(...means.map(({ mean, interval }) => Math.max(Math.abs(mean), ...(interval ?? []).map(Math.abs))), 1e-12);
  say(section.querySelector("h2"), `${quantity}, by optimizer and noise`);
  const bar = (entry, color) => {
    if (!entry) return make("td", { className: "quiet" }, "–");
    const { mean, interval, runs } = entry, share = (value) => `${Math.max(0, Math.min(100, (100 * value) / largest))}%`;
    const fill = make("b"), whisker = make("i");
    fill.style.width = share(mean);
    fill.style.background = color;
    if (interval) {
      whisker.style.left = share(interval[0]);
      whisker.style.width = `calc(${share(interval[1])} - ${share(interval[0])})`;
    }
    const text = interval ? ` [${number(interval[0])}, ${number(interval[1])}]` : "";
    return make("td", {}, make("div", { className: "bar" }, fill, ...(interval ? [whisker] : [])),
      make("strong", {}, number(mean)), text, make("span", { className: "quiet" }, ` ${runs} runs`));
  };
  const find = (label, noise) => means.find((entry) => entry.optimizer === label && entry.noise === noise);
  section.querySelector("table").replaceChildren(
    row("th", "optimizer", ...grid.noises),
    ...grid.arms.map((arm) => row("th", mark(arm.color, arm.label), ...grid.noises.map((noise) => bar(find(arm.label, noise), arm.color)))));
}

/** A table a noise: a row a unit, a column an optimizer, in each cell a square a repeat. */
function runs() {
  $("grid").hidden = false;
  const states = STATES.filter((state) => grid.states.includes(state));
  $("key").replaceChildren(...states.map((state) => make("span", {}, make("i", { className: `run ${state}` }), state)),
    make("span", {}, "a finished run opens its page"));
  const square = ({ run, state, repeat }, unit, noise, arm) => {
    const title = `${arm.label} on ${unit}, ${noise}, repeat ${repeat}: ${state}`;
    const own = state === "done" ? make("a", { href: `/run?run=${run}#${token}`, title }) : make("span", { title });
    own.className = `run ${state}`;
    own.setAttribute("aria-label", title);
    if (state !== "done") own.setAttribute("role", "img");
    return own;
  };
  const table = (noise, n) => {
    const units = grid.units.map((unit, u) => row("th", unit,
      ...grid.arms.map((arm, a) => make("td", { className: "runs" }, ...cells(grid, u, n, a).map((cell) => square(cell, unit, noise, arm))))));
    return make("table", {}, make("caption", {}, noise), row("th", "unit", ...grid.arms.map((arm) => mark(arm.color, arm.label))), ...units);
  };
  document.querySelector("#grid .scroll").replaceChildren(...grid.noises.map(table));
}

looks();
listen({ refresh, lose, trouble });
