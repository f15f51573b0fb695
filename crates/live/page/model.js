// What the page computes: no document, so that node's test runner can test it.

/** Joins what the server says with what the page has. `state` may be null. Returns the new state. */
export function join(state, news, received_s = news.now_unix_s) {
  const sources = news.sources.map((source, i) => {
    const old = state?.sources[i];
    const threads = source.threads.map((thread, j) => {
      const before = old?.threads[j]?.scored ?? [];
      const fresh = source.new[j].filter((own) => own.generation === undefined || own.generation >= before.length);
      return { ...thread, scored: fresh.length ? before.concat(fresh) : before };
    });
    const { new: _, new_log, ...rest } = source;
    return { ...rest, threads, log: (old?.log ?? []).concat(new_log) };
  });
  return { acts: news.acts, sources, clock: news.now_unix_s - received_s };
}

/** What the page has, as the server wants to hear it. */
export function have(state) {
  if (!state) return "";
  return state.sources.map((s) => [...s.threads.map((t) => t.scored.length), s.log.length].join(".")).join(",");
}

/** Mean, best, number of missing scores and places of a list of scores, in which null is missing. */
export function summary(scores, minimize = false) {
  let sum = 0, count = 0, best = null, at = null;
  scores.forEach((score, i) => {
    if (score === null || score === undefined) return;
    sum += score;
    count += 1;
    if (best === null || (minimize ? score < best : score > best)) [best, at] = [score, i];
  });
  return { mean: count ? sum / count : null, best, at, missing: scores.length - count, count };
}

/** Mean and standard deviation of the sample; null where there are too few. */
export function spread(values) {
  const numbers = values.filter((value) => value !== null);
  if (!numbers.length) return { mean: null, sd: null };
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const square = numbers.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { mean, sd: numbers.length > 1 ? Math.sqrt(square / (numbers.length - 1)) : null };
}

/** What adds up over generations, one entry each: the best score so far as {score, generation, column}, or null, in which
 * clean scores count where they are known; scores so far, and how many of them are missing. `before` is extended. */
export function totals(thread, before = []) {
  for (const own of thread.scored.slice(before.length)) {
    const last = before.at(-1) ?? { best: null, count: 0, missing: 0 };
    const { best: score, at } = summary(own.clean ?? own.scores, thread.minimize);
    const better = score !== null && (!last.best || (thread.minimize ? score < last.best.score : score > last.best.score));
    before.push({
      best: better ? { score, generation: own.generation, column: at } : last.best,
      count: last.count + own.scores.length,
      missing: last.missing + summary(own.scores).missing,
    });
  }
  return before;
}

/** Columns of a generation, best first; missing scores last. */
export function ranked(scores, minimize = false) {
  const worth = (i) => (scores[i] === null ? -Infinity : minimize ? -scores[i] : scores[i]);
  return scores.map((_, i) => i).sort((a, b) => worth(b) - worth(a) || a - b);
}

/** Means over a window of generations around each; 1 changes nothing. */
export function smooth(values, width) {
  if (width <= 1) return values;
  const half = Math.floor(width / 2);
  return values.map((value, i) => (value === null ? null : spread(values.slice(Math.max(0, i - half), i + half + 1)).mean));
}

/** Round numbers from low to high, about `count` of them. */
export function ticks(low, high, count = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** Four significant digits, without a tail of zeros. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : value.toPrecision(4);
  return text.includes("e") || !text.includes(".") ? text : text.replace(/\.?0+$/, "");
}

/** How long ago, in words. */
export function ago(seconds) {
  if (seconds === null || Number.isNaN(seconds)) return "";
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} days`;
}

/** Generations that the slider spans: the longest thread. */
export function generations(state) {
  return Math.max(0, ...state.sources.flatMap((s) => s.threads.map((t) => t.scored.length)));
}

/** The runs of a campaign's cell, with their numbers in the grid: units, within them noises, repeats, arms. */
export function cells({ states, noises, repeats, arms }, unit, noise, arm) {
  return Array.from({ length: repeats }, (_, repeat) => {
    const run = ((unit * noises.length + noise) * repeats + repeat) * arms.length + arm;
    return { run, repeat, state: states[run] };
  });
}

/** How many runs are in each state, and in all. */
export function counts(states) {
  const found = { done: 0, running: 0, failed: 0, damaged: 0, missing: 0, total: states.length };
  states.forEach((state) => { found[state] += 1; });
  return found;
}
