// The page: gets news, keeps what the user chose, and hands both to the panels.
import { Chart } from "./chart.js";
import { ago, generations, have, join, number } from "./model.js";
import { NO_TOKEN, listen, looks, token } from "./look.js";
import { Panel, make, say } from "./panels.js";

const $ = (id) => document.getElementById(id);
const run = new URLSearchParams(location.search).get("run");
let state = null, chosen = null, lost_since = null, asking = false, again = false, choosing = false;
const panels = [];
const comparison = new Chart(document.querySelector("#comparison .chart"), {
  click: (generation) => choose(generation),
  label: () => "mean score by generation of all threads",
});

/** Asks for what is new, until there is nothing more. One request at a time. */
async function refresh() {
  if (asking) return void (again = true);
  asking = true;
  try {
    for (let more = true; more;) {
      again = false;
      const answer = await fetch(`/live/board?have=${have(state)}${run === null ? "" : `&run=${encodeURIComponent(run)}`}`);
      if (answer.status === 401) return trouble(NO_TOKEN);
      if (answer.status === 404) return trouble((await answer.json()).error);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const news = await answer.json();
      state = join(state, news, Date.now() / 1000);
      more = news.sources.some((source) => source.more) || again;
      lost_since = null;
      trouble("");
      show();
    }
  } catch {
    lose();
  } finally {
    asking = false;
  }
}

function lose() {
  lost_since ??= Date.now();
  trouble("The program does not answer. The page goes on by itself when it is back; nothing is missed.");
  tick();
}

function trouble(text) {
  $("trouble").hidden = !text;
  say($("trouble"), text);
}

function show() {
  if (run !== null) {
    $("up").hidden = false;
    $("up").href = `/#${token}`;
  }
  const first = state.sources[0], several = state.sources.length > 1, last = generations(state) - 1;
  say($("title"), state.sources.map((source) => source.title).join(" · "));
  document.title = `${first.title} – actmax`;
  $("empty").hidden = last >= 0;
  $("actions").hidden = !state.acts || !["open", "paused", "stopping"].includes(first.phase);
  say($("pause"), first.phase === "paused" ? "Continue" : "Pause");
  $("pause").disabled = $("stop").disabled = first.phase === "stopping";
  const slider = $("slider"), at = chosen ?? last;
  slider.max = Math.max(0, last);
  slider.value = Math.max(0, at);
  say($("shown"), last < 0 ? "generation –" : `generation ${at} of ${last}`);
  $("live").setAttribute("aria-pressed", String(chosen === null));
  let number_of = 0;
  state.sources.forEach((source, i) => source.threads.forEach((thread, j) => {
    const panel = panels[number_of] ??= add(source.place, j);
    number_of += 1;
    const name = several ? `${source.title}: ${thread.name}` : thread.name;
    panel.update(thread, `${name} · ${thread.label} · ${thread.scored.length} of ${thread.generations} generations${thread.stopped ? " · stopped" : ""}`, at);
  }));
  compare(at);
  references(first);
  log();
  tick();
}

function add(source, thread) {
  const panel = new Panel({ source, thread }, { choose, open });
  $("threads").append(panel.element);
  if (state.acts) {
    const stop = make("button", { type: "button" }, "Stop this thread");
    stop.addEventListener("click", async () => {
      if (await ask(`Stop the thread ${panel.data.name}? It makes no more generations.`)) act({ do: "stop_thread", thread });
    });
    panel.stop = stop;
    panel.legend.after(stop);
  }
  return panel;
}

function compare(at) {
  const all = state.sources.flatMap((source) => source.threads.map((thread) => ({ source, thread })));
  const first = state.sources[0];
  panels.forEach((panel) => {
    if (panel.stop) panel.stop.hidden = !state.acts || panel.data.stopped || first.threads.length < 2 || first.phase === "finished";
  });
  $("comparison").hidden = all.length < 2;
  if (all.length < 2) return;
  const seen = {}, dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const series = all.map(({ thread }) => {
    const dash = dashes[(seen[thread.color] = (seen[thread.color] ?? -1) + 1) % dashes.length];
    return { scored: thread.scored, color: thread.color, dash, points: false, minimize: thread.minimize };
  });
  comparison.show(series, { span: Math.max(1, generations(state)), chosen: at });
  const legend = document.querySelector("#comparison .legend");
  legend.replaceChildren(...all.map(({ source, thread }, i) => {
    const mark = make("i");
    mark.style.background = series[i].dash.length ? `repeating-linear-gradient(90deg, ${thread.color} 0 4px, transparent 4px 7px)` : thread.color;
    return make("span", {}, mark, `${source.title}: ${thread.name} (${thread.label})`);
  }));
}

function references(source) {
  const section = $("references");
  section.hidden = !source.references.length;
  const place = section.querySelector(".montage");
  source.references.forEach((reference, i) => {
    let figure = place.children[i];
    if (!figure) {
      const image = make("img", { alt: reference.id, loading: "lazy", width: 64, height: 64 });
      image.src = `/live/reference/${source.place}/${i}`;
      figure = make("figure", { title: reference.id }, image, make("span"));
      place.append(figure);
    }
    say(figure.lastChild, number(reference.mean));
  });
}

function log() {
  const lines = state.sources.flatMap((source) => source.log).sort((a, b) => b.unix_s - a.unix_s);
  $("log").hidden = !lines.length;
  const list = document.querySelector("#log ol");
  if (list.children.length === lines.length) return;
  list.replaceChildren(...lines.map(({ unix_s, kind, text }) => {
    const date = new Date(unix_s * 1000);
    const time = make("time", { dateTime: date.toISOString() }, date.toLocaleTimeString());
    return make("li", { className: kind }, time, `${kind}: ${text}`);
  }));
}

/** What changes with every second. */
function tick() {
  const first = state?.sources[0];
  const phase = lost_since ? "lost" : first?.phase ?? "loading";
  $("phase").className = `pill ${phase}`;
  say($("phase"), phase === "lost" ? "disconnected" : phase);
  if (!first) return;
  const now = Date.now() / 1000 + state.clock;
  const waits = first.block !== null && ["open", "paused", "stopping"].includes(first.phase);
  say($("block"), waits ? `block ${first.block}, out for ${ago(now - first.block_unix_s)}` : "");
  const last = Math.max(...state.sources.map((source) => source.last_unix_s ?? 0));
  say($("ago"), last ? `last event ${ago(now - last)} ago` : "");
}

/** Chooses a generation for the whole page; null follows the newest. Drawn once a frame, however fast the slider moves. */
function choose(generation) {
  chosen = generation;
  if (!state || choosing) return;
  choosing = true;
  requestAnimationFrame(() => {
    choosing = false;
    show();
  });
}

function step(by) {
  const last = generations(state) - 1;
  choose(Math.min(last, Math.max(0, (chosen ?? last) + by)));
}

async function open(panel, generation, column) {
  const own = panel.data.scored[generation], dialog = $("detail"), list = dialog.querySelector("dl");
  const image = dialog.querySelector("img");
  image.src = panel.url(generation, column);
  image.alt = `code ${column} of generation ${generation}`;
  const rows = [["thread", panel.data.name], ["generation, code", `${generation}, ${column}`]];
  if (own.clean) rows.push(["clean score", number(own.clean[column])]);
  rows.push([own.clean ? "score with noise" : "score", own.scores[column] === null ? "missing" : number(own.scores[column])]);
  if (own.counts?.length) rows.push(["responses", String(own.counts[column])]);
  const channels = own.channels?.[column] ?? [];
  if (channels.length) rows.push(["channels", channels.map((value) => number(value)).join(", ")]);
  const put = () => list.replaceChildren(...rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]));
  put();
  if (!dialog.open) dialog.showModal();
  const answer = await fetch(`/live/generation/${panel.source}/${panel.thread}/${generation}`).catch(() => null);
  if (!answer?.ok) return;
  rows.push(["norm of the code", number((await answer.json()).norms[column])]);
  put();
}

/** Asks once; returns true, or the text if one is wanted, or false. */
function ask(question, wants_text = false) {
  const dialog = $("ask"), text = $("text");
  say($("asked"), question);
  text.hidden = !wants_text;
  text.value = "";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes" && (wants_text ? text.value.trim() : true)), { once: true });
  });
}

/** Sends an action; the journal, and so the next news, shows that it took. */
async function act(action) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch("/v1/actions", { method: "POST", headers, body: JSON.stringify(action) }).catch(() => null);
  if (!answer) return lose();
  if (!answer.ok) trouble((await answer.json().catch(() => ({}))).error ?? `The program refused: status ${answer.status}`);
  await refresh();
}

async function pause() {
  if ($("actions").hidden || $("pause").disabled) return;
  if (state.sources[0].phase === "paused") return void act({ do: "continue" });
  if (await ask("Pause? No block is offered until you continue.")) act({ do: "pause" });
}

function redraw() {
  comparison.draw();
  panels.forEach((panel) => panel.chart.draw());
}

$("slider").addEventListener("input", () => choose(Number($("slider").value)));
$("back").addEventListener("click", () => step(-1));
$("forward").addEventListener("click", () => step(1));
$("live").addEventListener("click", () => choose(null));
$("pause").addEventListener("click", pause);
$("stop").addEventListener("click", async () => (await ask("Stop the session after this block?")) && act({ do: "stop" }));
$("note").addEventListener("click", async () => {
  const text = await ask("A note for the journal:", true);
  if (text) act({ do: "note", text });
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("textarea, input, button, dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || !state) return;
  if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
  else if (event.key === "End") choose(null);
  else if (event.key === " ") pause();
  else return;
  event.preventDefault();
});
looks(redraw);
setInterval(tick, 1000);

listen({ refresh, lose, trouble });
