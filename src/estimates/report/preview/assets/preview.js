"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const root = document.documentElement;
  const JOBS = { starting: "Starting", fitting: "Fitting" };

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // What is known ---------------------------------------------------------------------------------

  const OLD = new Set(["faulty", "gone", "failed"]);

  function says(state) {
    const old = state.of && state.of !== state.saved ? ` Below is the answer to the save of ${state.of}.` : "";
    switch (state.phase) {
      case "gone": return `${state.files[0]} is gone; it is followed again when it is back.${old}`;
      case "faulty": case "failed": return `Saved at ${state.saved}, with a fault${spot(state.faults[0])}.${old}`;
      case "starting": case "fitting":
        return `${JOBS[state.phase]}${state.step ? `: ${state.step}` : ""}…${state.of ? old : ""}`;
      default:
        return `Answers the save of ${state.of}${state.took ? `, after ${state.took.toFixed(1)} s` : ""}.`;
    }
  }

  function waits(state) {
    if (!state.pending.length) return state.step && state.phase === "done" ? state.step : "";
    const now = state.phase === "filling" && state.step ? ` (${state.step})` : "";
    const [next, ...rest] = state.pending;
    return `Still to come: ${next}${now}${rest.length ? `, and ${rest.length} more` : ""}`;
  }

  const place = (fault) => [fault.file, fault.line, fault.column].filter((one) => one !== null).join(":");
  const spot = (fault) => (fault?.line ? ` in line ${fault.line} of ${fault.file.split("/").pop()}` : "");

  function faults(state) {
    const box = at("preview-faults");
    box.hidden = !state.faults.length;
    if (box.hidden) return;
    const lines = state.faults.map((fault) => {
      const where = place(fault);
      return element("li", {}, ...(where ? [element("code", {}, where), " "] : []), fault.message);
    });
    if (state.more) lines.push(element("li", {}, `and ${state.more} more`));
    const head = state.page ? "The answer below is old, until this is mended:" : "There is no answer, until this is mended:";
    box.replaceChildren(element("strong", {}, head), element("ul", {}, ...lines));
  }

  function warnings(state) {
    const box = at("preview-warnings");
    box.hidden = !state.warnings.length;
    box.replaceChildren(element("ul", {}, ...state.warnings.map((one) => element("li", {}, one))));
  }

  function rows(moved) {
    return element("dl", {}, ...moved.flatMap((one) => {
      const still = one.before === one.now;
      const told = one.before && !still ? [element("del", {}, one.before), " → ", element("ins", {}, one.now)] : [element("ins", {}, one.now)];
      if (one.change && one.before) told.push(" ", element("span", { class: "by" }, one.change));
      return [element("dt", {}, one.name), element("dd", {}, ...told)];
    }));
  }

  function moved(state) {
    const box = at("preview-moved");
    box.hidden = !state.moved.some((one) => one.before);
    if (box.hidden) return;
    const parts = [element("h2", {}, "What moved with the last change"), rows(state.moved)];
    if (state.since.length) {
      const [median] = state.since;
      parts.push(element("p", { class: "quiet" }, `When the preview began, the ${median.name} was ${median.before}.`));
    }
    box.replaceChildren(...parts);
  }

  let last = null;

  function tell(state) {
    last = state;
    at("preview").dataset.phase = state.phase;
    at("preview-says").textContent = says(state);
    at("preview-files").textContent = state.files.join(", ");
    const told = waits(state);
    at("preview-pending").hidden = !told;
    at("preview-pending").textContent = told;
    faults(state);
    warnings(state);
    moved(state);
    root.toggleAttribute("data-old", OLD.has(state.phase) && state.page > 0);
    root.dataset.phase = state.phase;
    if (state.ended) farewell();
  }

  // The report --------------------------------------------------------------------------------------

  const served = new Map();  // by id the text of each part as it was served
  let shown = 0, wanted = 0, busy = false;

  // One page at a time, and of those that came meanwhile the last.
  async function follow(number) {
    wanted = number;
    if (busy) return;
    busy = true;
    try {
      while (shown !== wanted) {
        const answer = await fetch("report");
        if (!answer.ok) throw new Error(`the server said ${answer.status}`);
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        await renew(parsed);
        shown = Math.max(wanted, Number(answer.headers.get("x-page")));
        wanted = shown;
        root.dataset.page = shown;
      }
    } finally {
      busy = false;
    }
  }

  const parts = (of) => [of.querySelector("header"), ...of.querySelectorAll("main > section")];
  const key = (part) => (part.matches("header") ? "header" : part.id);

  async function renew(parsed) {
    const held = hold();
    let anew = false;
    for (const id of ["payload", "draws-data", "specs"]) {
      const text = parsed.getElementById(id).textContent;
      if (id !== "specs" && at(id).textContent !== text) anew = true;
      at(id).textContent = text;
    }
    const main = document.querySelector("main"), keys = new Set();
    let before = null;
    for (const part of parts(parsed)) {
      const id = key(part), text = part.outerHTML;
      keys.add(id);
      let now = id === "header" ? document.querySelector("#preview-report > header") : at(id);
      if (!now || served.get(id) !== text || (anew && id === "answer")) {
        const made = document.importNode(part, true);
        if (now) { keep(now, made); now.replaceWith(made); }
        else if (before && before !== "header") before.after(made);
        else main.prepend(made);
        now = made;
        served.set(id, text);
      }
      before = id === "header" ? null : now;
    }
    for (const section of main.querySelectorAll(":scope > section")) if (!keys.has(section.id)) { section.remove(); served.delete(section.id); }
    document.title = parsed.title;
    held();
    await window.showReport(anew);
    held();
  }

  // What a reader has opened stays open, and figures and charts are there until the next ones are.
  function keep(old, made) {
    const summary = (one) => one.querySelector("summary")?.textContent.replace(/[\d(),.]/g, "").trim();
    const opened = new Map([...old.querySelectorAll("details")].map((one) => [one.id || summary(one), one.open]));
    for (const one of made.querySelectorAll("details")) one.open = opened.get(one.id || summary(one)) ?? one.open;
    for (const chart of old.querySelectorAll(".chart > div[id]")) {
      const place = made.querySelector(`#${CSS.escape(chart.id)}`);
      if (place) place.replaceChildren(...chart.childNodes);
    }
    for (const figure of old.querySelectorAll("#as-is a.number")) {
      const place = made.querySelector(`#as-is [data-key="${figure.parentElement.dataset.key}"] a`);
      if (place) place.textContent = figure.textContent;
    }
    for (const box of old.querySelectorAll(".scroll[aria-label]")) {
      const other = [...made.querySelectorAll(".scroll")].find((one) => one.getAttribute("aria-label") === box.getAttribute("aria-label"));
      if (other && box.scrollLeft) requestAnimationFrame(() => { other.scrollLeft = box.scrollLeft; });
    }
  }

  // What stands at the top of the window stays there, and what has the focus keeps it.
  function hold() {
    const top = at("preview").getBoundingClientRect().bottom;
    const heads = [...document.querySelectorAll("#preview-report :is(section[id], h3, article[id])")];
    const first = window.scrollY > 0 ? heads.findLast((one) => one.getBoundingClientRect().top <= top + 1) : null;
    const name = first && (first.id ? `#${CSS.escape(first.id)}` : null);
    const place = first?.getBoundingClientRect().top, text = first?.textContent;
    const focus = document.activeElement?.id;
    return () => {
      const now = !first ? null : name ? document.querySelector(name) : [...document.querySelectorAll("#preview-report h3")].find((one) => one.textContent === text);
      if (now) window.scrollBy({ top: now.getBoundingClientRect().top - place, behavior: "instant" });
      if (focus && document.activeElement === document.body) at(focus)?.focus({ preventScroll: true });
    };
  }

  // The connection ----------------------------------------------------------------------------------

  const news = new EventSource("news");
  news.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    tell(state);
    if (state.page && state.page !== shown) follow(state.page).catch(failed);
  });
  news.addEventListener("error", () => {
    if (last?.ended) return;
    at("preview").dataset.phase = "lost";
    at("preview-says").textContent = "No connection: the preview has ended, or its machine is asleep. This page asks again.";
  });

  function farewell() {
    news.close();
    at("preview").dataset.phase = "lost";
    at("preview-says").textContent = `The preview has ended. ${last.of ? `Below is the answer to the save of ${last.of}.` : ""}`;
    at("preview-pending").hidden = true;
  }

  function failed(error) {
    at("preview").dataset.phase = "lost";
    at("preview-says").textContent = `The answer could not be shown: ${error.message}. Load this page anew.`;
  }
})();
