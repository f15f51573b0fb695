import assert from "node:assert/strict";
import test from "node:test";
import { readFile } from "node:fs/promises";

const text = await readFile(new URL("../page/model.js", import.meta.url), "utf8");
const model = await import(`data:text/javascript,${encodeURIComponent(text)}`);

const generation = (number, ...scores) => ({ generation: number, scores });
const news = (now, scored, log = []) => ({
  now_unix_s: now, acts: true,
  sources: [{ title: "s", threads: [{ name: "it" }], new: [scored], new_log: log, more: false }],
});

test("news are appended, and what came twice counts once", () => {
  let state = model.join(null, news(10, [generation(0, 1), generation(1, 2)], ["a"]), 8);
  assert.equal(model.have(state), "2.1");
  assert.equal(state.clock, 2);
  state = model.join(state, news(11, [generation(1, 2), generation(2, 3)]));
  assert.deepEqual(state.sources[0].threads[0].scored.map((own) => own.generation), [0, 1, 2]);
  assert.deepEqual(state.sources[0].log, ["a"]);
  assert.equal(model.generations(state), 3);
  assert.equal(model.have(null), "");
});

test("missing scores are left out, and counted", () => {
  assert.deepEqual(model.summary([1, null, 4]), { mean: 2.5, best: 4, at: 2, missing: 1, count: 2 });
  assert.deepEqual(model.summary([1, null, 4], true).best, 1);
  assert.deepEqual(model.summary([null]), { mean: null, best: null, at: null, missing: 1, count: 0 });
});

test("the deviation is that of a sample", () => {
  assert.deepEqual(model.spread([1, 3]), { mean: 2, sd: Math.SQRT2 });
  assert.deepEqual(model.spread([5, null]), { mean: 5, sd: null });
  assert.deepEqual(model.spread([]), { mean: null, sd: null });
});

test("the best so far looks no further than the chosen generation, and at clean scores first", () => {
  const thread = { minimize: false, scored: [generation(0, 3, 1), generation(1, 9), { ...generation(2, 50), clean: [4] }] };
  const totals = model.totals(thread);
  assert.deepEqual(totals[0], { best: { score: 3, generation: 0, column: 0 }, count: 2, missing: 0 });
  assert.deepEqual(totals[2].best, { score: 9, generation: 1, column: 0 });
  thread.scored.push(generation(3, null, 10));
  assert.deepEqual(model.totals(thread, totals)[3], { best: { score: 10, generation: 3, column: 1 }, count: 6, missing: 1 });
});

test("codes are ranked, missing ones last", () => {
  assert.deepEqual(model.ranked([1, null, 4, 4]), [2, 3, 0, 1]);
  assert.deepEqual(model.ranked([1, null, 4], true), [0, 2, 1]);
});

test("smoothing is a mean over generations", () => {
  assert.deepEqual(model.smooth([1, null, 3], 1), [1, null, 3]);
  assert.deepEqual(model.smooth([0, 3, 6, 9], 3), [1.5, 3, 6, 7.5]);
});

test("numbers and axes read well", () => {
  assert.deepEqual(model.ticks(0, 10), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(model.ticks(-0.3, 0.3, 3), [-0.2, 0, 0.2]);
  assert.deepEqual(model.ticks(5, 5), [5]);
  assert.deepEqual([0, 12.5, 1234567, 0.00012, -3, null].map(model.number), ["0", "12.5", "1.23e+6", "1.20e-4", "-3", "–"]);
  assert.deepEqual([3.2, 600, 7300, 200000, -1].map(model.ago), ["3 s", "10 min", "2 h", "2 days", "0 s"]);
});

test("the cells of a campaign find their runs", () => {
  const grid = { noises: ["a", "b"], repeats: 3, arms: [{}, {}], states: Array.from({ length: 24 }, (_, i) => (i === 17 ? "failed" : "done")) };
  // Unit 1, noise 0, arm 1: runs 13, 15 and 17.
  assert.deepEqual(model.cells(grid, 1, 0, 1).map(({ run, state }) => [run, state]), [[13, "done"], [15, "done"], [17, "failed"]]);
  assert.deepEqual(model.counts(grid.states), { done: 23, running: 0, failed: 1, damaged: 0, missing: 0, total: 24 });
});

test("texts stand out from what is behind them: WCAG 2.1, AA", async () => {
  const css = await readFile(new URL("../page/style.css", import.meta.url), "utf8");
  const themes = [...css.matchAll(/--ground:[^}]*/g)].map(([block]) => Object.fromEntries([...block.matchAll(/--([\w-]+): (#\w{6})/g)].map(([, name, color]) => [name, color])));
  assert.equal(themes.length, 3);
  assert.deepEqual(themes[1], themes[2], "dark by the system and by the switch");
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * channel(parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16) / 255), 0);
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = [["ink", "ground"], ["ink", "card"], ["quiet", "ground"], ["quiet", "card"], ["good", "card"], ["warn", "card"], ["warn", "warn-ground"], ["ground", "accent"]];
  for (const theme of themes) {
    for (const [text, behind] of texts) assert.ok(contrast(theme[text], theme[behind]) >= 4.5, `${text} on ${behind}: ${contrast(theme[text], theme[behind]).toFixed(2)}`);
    for (const sign of ["chosen", "accent", "good"]) assert.ok(contrast(theme[sign], theme.card) >= 3, sign);
  }
});
