// What all pages share: the token, light and dark, large type, and how they hear of changes.
import { say } from "./panels.js";

const $ = (id) => document.getElementById(id);

export const NO_TOKEN = "This page needs its address with the token: open it again as the program printed it.";
export const token = location.hash.slice(1) || sessionStorage.getItem("actmax-token") || "";
sessionStorage.setItem("actmax-token", token);

const themes = ["system", "light", "dark"];

function theme(name) {
  localStorage.setItem("actmax-theme", name);
  document.documentElement.dataset.theme = name;
  say($("theme"), `Theme: ${name}`);
}

function large(on) {
  localStorage.setItem("actmax-large", on ? "yes" : "");
  document.documentElement.classList.toggle("large", on);
  $("large").setAttribute("aria-pressed", String(on));
}

/** Wires the two switches; `redraw` is called when colours or sizes change. */
export function looks(redraw = () => {}) {
  const then = (change) => (change(), redraw());
  $("large").addEventListener("click", () => then(() => large(!document.documentElement.classList.contains("large"))));
  $("theme").addEventListener("click", () => then(() => theme(themes[(themes.indexOf(localStorage.getItem("actmax-theme") ?? "system") + 1) % 3])));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  then(() => theme(localStorage.getItem("actmax-theme") ?? "system"));
  then(() => large(localStorage.getItem("actmax-large") === "yes"));
}

/** Enters with the token and listens for changes; the browser connects again by itself, and then the page asks for all
 * that it lacks. */
export async function listen(page) {
  const again = () => void setTimeout(() => listen(page), 2000);
  const answer = await fetch("/v1/enter", { method: "POST", headers: { Authorization: `Bearer ${token}` } }).catch(() => null);
  if (!answer?.ok) {
    if (answer?.status === 401) return page.trouble(NO_TOKEN);
    page.lose();
    return again();
  }
  const changes = new EventSource("/live/changes");
  changes.onopen = changes.onmessage = page.refresh;
  changes.onerror = () => {
    page.lose();
    if (changes.readyState === EventSource.CLOSED) again();
  };
}
