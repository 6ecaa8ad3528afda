"use strict";
(async () => {
  const at = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(at(id).textContent);
  let payload, specs, live;
  const PLACES = 65535;

  // Gzipped base64 to bytes, by what every browser since 2023 has.
  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  // Numbers ---------------------------------------------------------------------------------------

  // As `estimates._util.format` writes them: three significant digits, none beyond the error.
  const WORDS = [[12, "trillion"], [9, "billion"], [6, "million"]];
  const MULTIPLIERS = ["", "thousand", "million", "billion", "trillion"];
  const magnitude = (value) => Math.floor(Math.log10(Math.abs(value)));
  const rounded = (value, last) => (last < 0 ? Number(value.toFixed(Math.min(-last, 100))) : Math.round(value / 10 ** last) * 10 ** last);
  const decimal = (value, last) => {
    const digits = Math.min(Math.max(0, -last), 100);
    return (rounded(value, last) + 0).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
  };
  // Two digits of what lies between two numbers are kept.
  const telling = (low, high) => (high > low ? Math.min(Math.max(3, magnitude(Math.max(Math.abs(low), Math.abs(high))) - magnitude(high - low) + 2), 12) : 3);
  function figure(value, error = 0, digits = 3) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "—";
    if (value === 0) return "0";
    let last = magnitude(value) - digits + 1;
    if (error > 0) last = Math.max(last, magnitude(error));
    last = Math.max(last, magnitude(rounded(value, last) || value) - digits + 1);
    const size = Math.abs(value) < 1e15 ? Math.abs(rounded(value, last)) : 0;
    const word = WORDS.find(([power]) => size >= 10 ** power);
    if (word) return `${decimal(value / 10 ** word[0], last - word[0])} ${word[1]}`;
    if ((Math.abs(value) >= 1e-4 && Math.abs(value) < 1e15) || last > magnitude(value)) return decimal(value, last);
    const [mantissa, power] = value.toExponential(Math.max(0, magnitude(value) - last)).split("e");
    const raised = [...String(Number(power))].map((one) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(one)]).join("");
    return `${mantissa}×10${raised}`.replaceAll("-", "−");
  }
  // `1,200` million is `1.2` billion, as `grown` has it.
  const FIGURE = /(?<![\w.,])([\d,]*\d(?:\.\d+)?)(?: (million|billion|trillion))?(?![\w.,]*\d)/g;
  function grown(figures, multiplier) {
    if (figures.includes("×")) return [figures, multiplier];
    const found = [...figures.matchAll(FIGURE)].map(([, digits, own]) => {
      const base = MULTIPLIERS.indexOf(multiplier) + MULTIPLIERS.indexOf(own ?? "");
      let [whole, part = ""] = digits.replaceAll(",", "").split("."), place = base;
      while (whole.length > 3 && place < MULTIPLIERS.length - 1) [whole, part, place] = [whole.slice(0, -3), whole.slice(-3) + part, place + 1];
      const down = () => {
        part = part.padEnd(3, "0");
        [whole, part, place] = [String(Number(whole + part.slice(0, 3))), part.slice(3), place - 1];
      };
      while (Number(whole) === 0 && Number(part) > 0 && part.startsWith("0") && place > 0) down();
      if (place < base && place === 1) down();
      if (place >= MULTIPLIERS.length) return [`${digits} ${own}`, multiplier];
      if (place === base) return [digits, MULTIPLIERS[place]];
      if (place > base) part = part.replace(/0+$/, "");
      return [Number(whole).toLocaleString("en-US") + (part && `.${part}`), MULTIPLIERS[place]];
    });
    const words = new Set(found.map(([, word]) => word));
    const texts = (words.size < 2 ? found.map(([text]) => text) : found.map((one) => one.filter(Boolean).join(" "))).values();
    return [figures.replace(FIGURE, () => texts.next().value), words.size < 2 ? [...words][0] ?? multiplier : ""];
  }
  function around(text, words) {
    const [, multiplier, rest] = words.after.match(/^ (thousand|million|billion|trillion)\b(.*)$/s) ?? [];
    if (!multiplier) return `${words.before}${text}${words.after}`;
    const [figures, word] = grown(text, multiplier);
    return `${words.before}${figures}${word && ` ${word}`}${rest}`;
  }
  const scaled = (value, words) => (words.percent ? 100 * value : value);
  const withUnit = (value, words) => around(figure(scaled(value, words)), words);
  function chance(p) {
    if (p === null || p === undefined) return "—";
    return p < 0.005 ? "<0.01" : p >= 0.995 ? ">0.99" : p.toFixed(2);
  }

  // Scales of quantities ----------------------------------------------------------------------------

  const inverse = {
    log: Math.exp,
    logit: (z) => 1 / (1 + Math.exp(-z)),
    identity: (z) => z,
  };

  // The engine: the same arithmetic as estimates.reweight ---------------------------------------------

  // Whatever a ledger calls things: a name such as "constructor" is none of an empty Map.
  let target, order;
  const codes = new Map(), curves = new Map();

  function layOut(buffer) {
    codes.clear();
    curves.clear();
    const n = live.draws, r = live.readings.length, f = live.fits;
    let at = 0;
    const Floats = live.bytes === 8 ? Float64Array : Float32Array;
    target = new Floats(buffer, at, r * n);
    at += live.bytes * r * n;
    for (const one of live.without) {
      const size = one.readings.length * one.points;
      curves.set(one.claim, new Floats(buffer, at, size));
      at += live.bytes * size;
    }
    for (const quantity of live.quantities) {
      codes.set(quantity.name, new Uint16Array(buffer, at, f * n));
      at += 2 * f * n;
    }
    order = sortedOrder(target);
  }

  function sortedOrder(values) {
    const found = new Uint32Array(values.length);
    for (let i = 0; i < found.length; i++) found[i] = i;
    return found.sort((a, b) => values[a] - values[b]);
  }

  function statedWeights(state) {
    return live.combinations.map((combination) =>
      live.axes.reduce((product, axis) => {
        const weights = state.weights[axis.name];
        const total = Object.values(weights).reduce((a, b) => a + b, 0);
        return product * (total > 0 ? weights[combination.choice[axis.name]] / total : 0);
      }, 1));
  }

  // Stated weight times evidence, normalised within each branch that the claims may not move.
  function readingWeights(prior, log) {
    const cells = new Map();
    live.combinations.forEach((combination, i) => {
      if (!(prior[i] > 0) || log[combination.reading] === -Infinity) return;
      const key = JSON.stringify(combination.cell);
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(i);
    });
    const weights = new Float64Array(live.readings.length);
    let whole = 0;
    for (const members of cells.values()) for (const i of members) whole += prior[i];
    for (const members of cells.values()) {
      const mass = members.reduce((sum, i) => sum + prior[i], 0) / whole;
      const top = Math.max(...members.map((i) => log[live.combinations[i].reading]));
      const joint = members.map((i) => prior[i] * Math.exp(log[live.combinations[i].reading] - top));
      const total = joint.reduce((a, b) => a + b, 0);
      members.forEach((i, k) => { weights[live.combinations[i].reading] += (mass * joint[k]) / total; });
    }
    return weights;
  }

  function keptDraws(state) {
    const kept = new Uint8Array(live.fits * live.draws).fill(1);
    for (const quantity of live.quantities) {
      const [low, high] = state.given[quantity.name] ?? [null, null];
      if (low === null && high === null) continue;
      const from = low ?? 0, to = high ?? PLACES, values = codes.get(quantity.name);
      for (let i = 0; i < kept.length; i++) if (values[i] < from || values[i] > to) kept[i] = 0;
    }
    return kept;
  }

  // Weight of the least and of the greatest of sorted draws, and of all of them.
  class Ends {
    first = 0;
    last = 0;
    total = 0;
    add(weight) {
      if (this.total === 0) this.first = weight;
      this.last = weight;
      this.total += weight;
    }
  }

  // Quantiles of sorted weighted draws, as estimates.stats.weighted has them: each draw stands in the middle
  // of its weight, the lowest for the probability 0 and the highest for 1.
  class Quantiles {
    constructor(probabilities, { first, last, total }) {
      const reach = total - (first + last) / 2;
      this.places = probabilities.map((p) => first / 2 + p * reach);
      this.found = [];
      this.sum = 0;
      this.before = null;
    }
    add(value, weight) {
      const middle = this.sum + weight / 2;
      while (this.found.length < this.places.length && middle >= this.places[this.found.length]) {
        const place = this.places[this.found.length];
        const share = this.before === null ? 1 : (place - this.at) / (middle - this.at);
        this.found.push(this.before === null ? value : this.before + share * (value - this.before));
      }
      this.sum += weight;
      this.at = middle;
      this.before = value;
    }
    get values() {
      while (this.found.length < this.places.length) this.found.push(this.before);
      return this.found;
    }
  }
  const FIVE = [0.05, 0.25, 0.5, 0.75, 0.95];
  const named = ([q05, q25, median, q75, q95]) => ({ q05, q25, median, q75, q95 });

  function verdictOf(below, inside, above) {
    const rule = live.verdict;
    if (below >= rule.side) return "below";
    if (above >= rule.side) return "above";
    if (inside >= rule.inside && below < rule.tail && above < rule.tail) return "consistent";
    return "straddles";
  }

  // One pass over sorted values; `draw` gives value, reading and weight of the i-th.
  function summarise(count, draw, weights, edges) {
    const low = edges[0] ?? -Infinity, high = edges[1] ?? Infinity;
    // The least and the greatest draw, over all and of each reading, say where the ends are.
    const all = new Ends(), ends = Array.from(weights, () => new Ends());
    let most = 0;
    for (let i = 0; i < count; i++) most = Math.max(most, draw(i)[2]);
    const lost = Number.EPSILON * most; // in rounding, beside another draw
    for (let i = 0; i < count; i++) {
      const [, reading, weight] = draw(i);
      if (!(weight > 0)) continue;
      if (weight > lost) all.add(weight);
      ends[reading].add(weight);
    }
    const whole = new Quantiles(FIVE, all);
    const each = ends.map((one) => ({ q: new Quantiles(FIVE, one), below: 0, above: 0 }));
    let below = 0, above = 0;
    for (let i = 0; i < count; i++) {
      const [value, reading, weight] = draw(i);
      if (!(weight > 0)) continue;
      if (weight > lost) whole.add(value, weight);
      const own = each[reading], part = weight / weights[reading];
      own.q.add(value, weight);
      if (value < low) { below += weight; own.below += part; }
      if (value > high) { above += weight; own.above += part; }
    }
    const compared = edges[0] !== null || edges[1] !== null;
    const held = {};
    const readings = each.map((own, r) => {
      if (!(weights[r] > 0)) return { weight: 0 };
      const one = { weight: weights[r], ...named(own.q.values) };
      one.verdict = verdictOf(own.below, 1 - own.below - own.above, own.above);
      held[one.verdict] = (held[one.verdict] ?? 0) + weights[r];
      return one;
    });
    const result = { ...named(whole.values), readings };
    if (compared) {
      Object.assign(result, { below, inside: 1 - below - above, above });
      result.verdict = verdictOf(below, result.inside, above);
      const strong = Object.values(held).filter((weight) => weight >= live.verdict.weight);
      if (strong.length > 1) result.verdict = "divided";
    }
    return result;
  }

  function answer(state) {
    return state.claim ? answerWithout(state) : answerOf(state);
  }

  function answerOf(state) {
    const n = live.draws, kept = keptDraws(state);
    const left = new Float64Array(live.fits);
    for (let f = 0; f < live.fits; f++) for (let i = 0; i < n; i++) left[f] += kept[f * n + i];
    const log = live.readings.map((one) => one.log_evidence + Math.log(left[one.fit] / n));
    const weights = readingWeights(statedWeights(state), log);
    if (state.hold) holdWeights(weights, left, statedWeights(state));
    const share = live.readings.map((one, r) => (left[one.fit] ? weights[r] / left[one.fit] : 0));
    // Readings of one fit share its draws, so their weights count together.
    const perFit = new Float64Array(live.fits);
    live.readings.forEach((one, r) => { perFit[one.fit] += share[r]; });
    let squares = 0;
    for (let f = 0; f < live.fits; f++) squares += left[f] * perFit[f] ** 2;
    const effective = squares > 0 ? live.share / squares : 0;
    if (effective < live.fewest) return { effective, weights };
    const draw = (i) => {
      const k = order[i], r = Math.floor(k / n), f = live.readings[r].fit;
      return [target[k], r, kept[f * n + (k % n)] ? share[r] : 0];
    };
    const found = summarise(order.length, draw, weights, state.edges);
    return { effective, weights, draw, count: order.length, ...found };
  }

  // Readings keep the weights that they have without intervals of quantities, if draws are left.
  function holdWeights(weights, left, stated) {
    readingWeights(stated, live.readings.map((one) => one.log_evidence)).forEach((weight, r) => {
      weights[r] = left[live.readings[r].fit] ? weight : 0;
    });
    const total = weights.reduce((a, b) => a + b, 0);
    for (let r = 0; r < weights.length; r++) weights[r] /= total || 1;
  }

  // Without a claim only the quantiles of its own refits are here.
  function answerWithout(state) {
    const one = live.without.find((other) => other.claim === state.claim);
    const values = curves.get(one.claim), points = one.points;
    const ratio = one.readings.map((label) => live.axes.reduce((product, axis) => {
      const options = label[axis.name].split("|"), now = state.weights[axis.name];
      const sum = (of) => options.reduce((total, option) => total + of(option), 0);
      const whole = Object.values(now).reduce((a, b) => a + b, 0);
      const before = axis.options.reduce((a, b) => a + b.weight, 0);
      const weightOf = (name) => axis.options.find((o) => o.name === name).weight / before;
      const old = sum(weightOf);
      return old > 0 && whole > 0 ? (product * sum((o) => now[o] / whole)) / old : 0;
    }, 1));
    const weights = one.weights.map((weight, r) => weight * ratio[r]);
    const total = weights.reduce((a, b) => a + b, 0);
    for (let r = 0; r < weights.length; r++) weights[r] /= total || 1;
    const sorted = sortedOrder(values);
    const draw = (i) => {
      const k = sorted[i], r = Math.floor(k / points);
      return [values[k], r, weights[r] / points];
    };
    const found = summarise(sorted.length, draw, weights, state.edges);
    // The refit's own numbers, where nothing but the claim is otherwise.
    if (ratio.every((x) => Math.abs(x - 1) < 1e-12)) Object.assign(found, one.numbers);
    const labels = one.readings.map((label) => Object.values(label).join(", "));
    return { effective: null, weights, draw, count: sorted.length, labels, ...found };
  }

  // What is drawn -------------------------------------------------------------------------------------

  const BINS = 90;
  const SCALES = { log: { to: Math.log, from: Math.exp }, linear: { to: (x) => x, from: (x) => x } };
  let scale, domain = null;

  function density(result, which) {
    if (!result.draw || !domain) return [];
    const [low, high] = domain, width = (high - low) / BINS;
    const bins = new Float64Array(BINS);
    for (let i = 0; i < result.count; i++) {
      const [value, , weight] = result.draw(i);
      if (!(weight > 0)) continue;
      const bin = Math.floor((scale.to(value) - low) / width);
      if (bin >= 0 && bin < BINS) bins[bin] += weight;
    }
    // A narrow kernel over neighbouring bins takes the draws' own noise out of the outline.
    const kernel = [0.03, 0.11, 0.22, 0.28, 0.22, 0.11, 0.03];
    return Array.from(bins, (_, b) => {
      let height = 0;
      kernel.forEach((k, j) => { height += k * (bins[Math.min(BINS - 1, Math.max(0, b + j - 3))]); });
      return { which, x: scale.from(low + (b + 0.5) * width), height };
    });
  }

  const views = {}, places = {};  // of each chart that is drawn its view, and where

  // In the page colours are those of its sheet, which knows dark, light and paper; a file has those of light.
  const COLOURS = ["main", "second", "band", "edge", "rule", "ink", "quiet", "line"];
  const inPage = Object.fromEntries(COLOURS.map((name) => [name, `var(--${name})`]));

  function inFile() {
    const root = document.documentElement, now = root.dataset.theme;
    root.dataset.theme = "light";
    const style = getComputedStyle(root);
    const found = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    root.dataset.theme = now;
    return found;
  }

  // Vega keeps groups in plain objects, which have a "constructor" before any group of that name:
  // such a name is told from it by a sign that does not show.
  const own = (value) => (typeof value === "string" && value in {} ? `${value}\u2060` : value);

  function coloured(spec, colours) {
    return JSON.parse(JSON.stringify(spec), (key, value) =>
      ["color", "fill"].includes(key) && Object.hasOwn(colours, value) ? colours[value] : own(value));
  }

  const GIVEN = ["answer", "readings"]; // their data are made here

  // A chart that is ready to be drawn so wide.
  function dressed(name, colours, width) {
    const ready = coloured(specs[name], colours);
    if (domain) limit(name, ready);
    fit(ready, width);
    if (live) ready.datasets = GIVEN.includes(name) ? shown : {};
    return ready;
  }

  function options(colours) {
    const axis = { labelColor: colours.ink, titleColor: colours.quiet, domainColor: colours.line, tickColor: colours.line, gridColor: colours.line, gridOpacity: 0.6, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelSeparation: 6 };
    const title = { color: colours.ink, subtitleColor: colours.quiet, anchor: "start", fontSize: 15, subtitleFontSize: 12, subtitlePadding: 4, offset: 14 };
    return {
      renderer: "svg", actions: false, logLevel: 1, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true },
      config: { background: "transparent", view: { stroke: null }, axis, title, font: "system-ui, sans-serif" },
    };
  }

  async function draw() {
    for (const name of Object.keys(specs)) {
      const place = at(`chart-${name}`);
      if (!place) continue;
      if (!live && GIVEN.includes(name)) {
        place.closest("figure").hidden = true;
        continue;
      }
      if (places[name] === place) continue;
      views[name]?.finalize();
      places[name] = place;
      const embedded = await window.vegaEmbed(place, dressed(name, inPage, place.clientWidth), options(inPage));
      views[name] = embedded.view;
      embedded.view.addEventListener("click", follow);
      place.closest("figure").querySelector(".take").hidden = false;
    }
  }

  // Where names would take the room of the marks they stand above them; titles are broken.
  const NARROW = 520, LETTER = 6.6, NAMES = 260;

  function fit(spec, width) {
    const narrow = width < NARROW, longest = names(spec);
    const left = narrow ? 0 : Math.min(NAMES, LETTER * longest);
    const most = Math.max(12, Math.floor((width - left) / LETTER));
    if (narrow && longest) spec.height = Math.round(1.6 * spec.height);
    const ticks = logTicks(spec);
    JSON.stringify(spec, (key, value) => {
      if (value?.labelLimit && narrow) {
        Object.assign(value, { labelLimit: width - 8, labelAlign: "left", labelPadding: 0, labelOffset: -15, ticks: false, domain: false });
      } else if (value?.labelLimit) value.labelLimit = NAMES;
      if (value?.type === "quantitative" && value.axis && typeof value.title === "string") {
        value.title = lines(value.title, most);
        value.axis.titleAnchor = "start";
        value.axis.titleAlign = "left";
        if (ticks && value.scale?.type === "log") value.axis.values = ticks;
      }
      return value;
    });
  }

  function lines(text, most) {
    return text.split(" ").reduce((found, word) => {
      const longer = `${found[found.length - 1]} ${word}`.trim();
      if (longer.length <= most) found[found.length - 1] = longer;
      else found.push(word);
      return found;
    }, [""]);
  }

  // Letters of the longest name beside the rows; 0 where there are none.
  function names(spec) {
    if (!JSON.stringify(spec).includes("labelLimit")) return 0;
    const rows = spec.data?.values ?? shown.rows;
    return Math.max(1, ...rows.map((row) => String(row.name ?? row.reading).length));
  }

  // Round values along a log axis, as many as have a label: grid lines without one say nothing.
  function logTicks(spec) {
    const along = (spec.layer ?? [spec]).map((one) => one.encoding?.x).filter((x) => x?.scale?.type === "log");
    if (!along.length) return null;
    const rows = spec.data?.values ?? [], keys = ["from", "to", "p"];
    const values = along[0].scale.domain ?? rows.flatMap((row) => keys.map((key) => row[key])).filter((x) => x > 0);
    const low = Math.min(...values), high = Math.max(...values), decades = Math.log10(high / low);
    if (!(decades > 0.5) || !Number.isFinite(decades)) return null;
    const steps = decades < 1.2 ? [1, 1.5, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1], found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += Math.max(1, Math.floor(decades / 6))) {
      for (const step of steps) if (step * 10 ** power >= low && step * 10 ** power <= high) found.push(Number(`${step}e${power}`));
    }
    return found;
  }

  // The live charts keep their axis while the answer moves.
  function limit(name, spec) {
    if (!GIVEN.includes(name)) return;
    const ends = domain.map(scale.from);
    for (const layer of spec.layer) {
      if (layer.encoding.x?.scale) layer.encoding.x.scale.domain = ends;
    }
  }

  const shown = { range: [], edges: [], density: [], interval: [], rows: [] };

  function put(chart, name, rows) {
    shown[name] = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, own(value)])));
    if (views[chart]) views[chart].data(name, shown[name].map((row) => ({ ...row }))).runAsync();
  }

  // State and controls ----------------------------------------------------------------------------------

  const clone = (value) => JSON.parse(JSON.stringify(value));
  let start, state, base;

  function firstState() {
    const compared = payload.compared;
    return {
      edges: compared ? [compared.low, compared.high] : [null, null],
      weights: Object.fromEntries(live.axes.map((axis) => {
        const total = axis.options.reduce((sum, o) => sum + o.weight, 0);
        return [axis.name, Object.fromEntries(axis.options.map((o) => [o.name, o.weight / total]))];
      })),
      given: Object.fromEntries(live.quantities.map((q) => [q.name, [null, null]])),
      claim: "",
      hold: false,
    };
  }
  const supposing = () => Object.values(state.given).some((ends) => ends[0] !== null || ends[1] !== null);
  const atRest = () => JSON.stringify({ ...state, hold: state.hold && supposing() }) === JSON.stringify(start);

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") made.textContent = value;
      else if (value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  function slider(id, label, settings, oninput) {
    const output = element("output", { for: id, id: `${id}-says` });
    const input = element("input", { type: "range", id, "aria-describedby": `${id}-says`, ...settings });
    input.addEventListener("input", () => { oninput(Number(input.value)); refresh(); });
    const box = element("div", { class: "control" }, element("label", { for: id }, output, label), input);
    return { box, input, output };
  }

  const knobs = [];  // each puts itself where the state is

  function buildRange() {
    const box = at("control-range"), [low, high] = domain;
    const ends = [["low", "from"], ["high", "to"]];
    const pair = element("div", { class: "pair" });
    ends.forEach(([name, word], i) => {
      const id = `edge-${name}`;
      const reach = payload.log ? [low, high] : [low, high];
      const made = slider(id, `${word}`, { min: 0, max: 1000, step: 1 }, (place) => {
        const value = scale.from(reach[0] + (place / 1000) * (reach[1] - reach[0]));
        const other = state.edges[1 - i];
        const kept = Number(value.toPrecision(3));
        state.edges[i] = other === null ? kept : i === 0 ? Math.min(kept, other) : Math.max(kept, other);
      });
      const typed = element("input", { type: "number", step: "any", id: `${id}-number`, "aria-label": `${word}, in the answer’s unit` });
      typed.addEventListener("change", () => {
        const value = typed.value === "" ? null : Number(typed.value) / (payload.percent ? 100 : 1);
        const other = state.edges[1 - i];
        const crossed = value !== null && other !== null && (i === 0 ? value > other : value < other);
        if (!crossed) state.edges[i] = value;
        refresh();
      });
      made.box.append(typed);
      pair.append(made.box);
      knobs.push(() => {
        const value = state.edges[i];
        made.output.textContent = value === null ? "no end" : withUnit(value, payload);
        made.input.setAttribute("aria-valuetext", made.output.textContent);
        if (value !== null && (!payload.log || value > 0)) made.input.value = (1000 * (scale.to(value) - reach[0])) / (reach[1] - reach[0]);
        else made.input.value = i === 0 ? 0 : 1000;
        if (document.activeElement !== typed) typed.value = value === null ? "" : Number(scaled(value, payload).toPrecision(6));
      });
    });
    box.append(pair);
  }

  const words = (name) => name.replaceAll("_", " ");
  // An option by its label; those that one fit stands for are joined.
  const label = (name) => (Object.hasOwn(payload.options, name) ? payload.options[name] : words(name));
  const optionWords = (name) => name.split("|").map(label).join(" or ");
  const readingWords = (name) => name.split(", ").map(optionWords).join(", ");

  function buildReadings() {
    const box = at("control-readings");
    if (!live.axes.some((axis) => axis.options.length > 1)) { box.hidden = true; return; }
    live.axes.forEach((axis, a) => {
      if (axis.options.length < 2) return;
      const two = axis.options.length === 2;
      const shown = two ? axis.options.slice(0, 1) : axis.options;
      box.append(element("p", { class: "quiet", text: payload.questions[axis.name] || words(axis.name) }));
      shown.forEach((option, o) => {
        const name = two ? `${optionWords(axis.options[1].name)} ↔ ${optionWords(option.name)}` : optionWords(option.name);
        const made = slider(`reading-${a}-${o}`, name, { min: 0, max: 100, step: 1 }, (percent) => {
          const weights = state.weights[axis.name];
          if (two) {
            weights[option.name] = percent / 100;
            weights[axis.options[1].name] = 1 - percent / 100;
          } else {
            weights[option.name] = percent / 100;
            if (Object.values(weights).every((w) => w === 0)) weights[option.name] = 0.01;
          }
        });
        box.append(made.box);
        knobs.push(() => {
          const weights = state.weights[axis.name];
          const total = Object.values(weights).reduce((x, y) => x + y, 0);
          made.input.value = Math.round(100 * weights[option.name]);
          made.output.textContent = `${Math.round((100 * weights[option.name]) / total)} % ${optionWords(option.name)}`;
          made.input.setAttribute("aria-valuetext", made.output.textContent);
        });
      });
    });
  }

  const SLIDERS = 6;

  function buildQuantities() {
    const box = at("control-quantities");
    if (!live.quantities.length) { box.hidden = true; return; }
    // Of a panel there are dozens, under which a phone would bury the rest of the page.
    const left = live.quantities.length - SLIDERS;
    const more = element("details", {}, element("summary", { text: `${left} more quantities` }));
    live.quantities.forEach((quantity, q) => {
      const words = payload.words[quantity.name];
      const valueOf = (code) => inverse[quantity.scale](quantity.low + (code / PLACES) * (quantity.high - quantity.low));
      // Places go by the draws' own quantiles, so that each step leaves out as many of them.
      const sorted = Uint16Array.from(codes.get(quantity.name)).sort();
      const quantile = (place) => sorted[Math.min(sorted.length - 1, Math.round((place / 200) * (sorted.length - 1)))];
      const group = element("div", { class: "control", role: "group", "aria-label": words.label });
      const says = element("output", {});
      group.append(element("div", {}, says, element("span", { text: words.label })));
      const inputs = [0, 1].map((end) => {
        const input = element("input", { type: "range", min: 0, max: 200, step: 1, id: `given-${q}-${end ? "high" : "low"}`, "aria-label": `${words.label}, ${end ? "at most" : "at least"}` });
        input.addEventListener("input", () => {
          const place = Number(input.value), other = Number(inputs[1 - end].value);
          if (end ? place < other : place > other) input.value = other;
          const now = Number(input.value);
          state.given[quantity.name][end] = now === (end ? 200 : 0) ? null : quantile(now);
          refresh();
        });
        return input;
      });
      group.append(...inputs);
      (left > 1 && q >= SLIDERS ? more : box).append(group);
      knobs.push(() => {
        const given = state.given[quantity.name];
        if (given[0] === null) inputs[0].value = 0;
        if (given[1] === null) inputs[1].value = 200;
        const [low, high] = given.map((code) => (code === null ? null : figure(scaled(valueOf(code), words))));
        says.textContent = low === null && high === null ? "anything"
          : around(low === null ? `up to ${high}` : high === null ? `from ${low}` : `${low} to ${high}`, low === null || high === null ? { before: "", after: words.after } : words);
        inputs.forEach((input, end) => {
          input.setAttribute("aria-valuetext", given[end] === null ? "no end" : withUnit(valueOf(given[end]), words));
          input.disabled = state.claim !== "";
        });
      });
    });
    if (left > 1) box.append(more);
  }

  // As --hold-readings of the command line.
  function buildHold() {
    if (!live.axes.some((axis) => axis.options.length > 1)) return;
    const input = element("input", { type: "checkbox", id: "hold" });
    input.addEventListener("change", () => { state.hold = input.checked; refresh(); });
    at("control-quantities").append(element("p", { class: "hold" }, input, element("label", { for: "hold", text: "Leave the readings their weights" })));
    knobs.push(() => { input.checked = state.hold; input.disabled = state.claim !== ""; });
  }

  function buildClaims() {
    const box = at("control-claims");
    if (!live.without.length) { box.hidden = true; return; }
    const select = element("select", { id: "claim", "aria-label": "Claim that is left out" },
      element("option", { value: "", text: "none" }),
      ...live.without.map((one) => element("option", { value: one.claim, text: one.claim.replaceAll("-", " ") })));
    select.addEventListener("change", () => {
      state.claim = select.value;
      if (state.claim) {
        for (const name of Object.keys(state.given)) state.given[name] = [null, null];
        state.hold = false;
      }
      refresh();
    });
    const note = element("p", { class: "quiet", text: "From fits made without it. Intervals of quantities need the draws of this fit, so the two exclude each other." });
    box.append(select, note);
    knobs.push(() => { select.value = state.claim; });
  }

  // Results ------------------------------------------------------------------------------------------------

  function cell(row, key, text, value) {
    const place = at(row).querySelector(`[data-key="${key}"]`);
    place.querySelector("a").textContent = text;
    if (value !== undefined) place.dataset.value = JSON.stringify(value);
  }

  function fromTo(low, high) {
    return [low, high].map((end) => figure(scaled(end, payload), 0, telling(low, high))).join(" to ");
  }

  function fill(row, result, text) {
    const known = result.median !== undefined;
    const span = (low, high) => (known ? fromTo(low, high) : "—");
    const middle = () => figure(scaled(result.median, payload), 0, telling(result.q05, result.q95));
    cell(row, "median", text ? text.median : known ? middle() : "—", known ? result.median : null);
    cell(row, "half", span(result.q25, result.q75), known ? [result.q25, result.q75] : null);
    cell(row, "interval", text ? text.interval : span(result.q05, result.q95), known ? [result.q05, result.q95] : null);
    for (const side of ["below", "inside", "above"]) cell(row, side, chance(result[side]), result[side] ?? null);
    // Beside a bound, which is open on one side: whether it is met, and by what factor.
    const bound = bounded(state.edges) ? state.edges[0] ?? state.edges[1] : null;
    const times = known && bound > 0 && live.positive ? result.median / bound : null;
    cell(row, "met", chance(result.inside), result.inside ?? null);
    cell(row, "times", times === null ? "—" : figure(times), times);
    cell(row, "verdict", result.verdict ?? "—");
  }

  const bounded = (edges) => (edges[0] === null) !== (edges[1] === null);

  function refresh() {
    for (const knob of knobs) knob();
    for (const [columns, away] of [[["met", "times"], !bounded(state.edges)], [["below", "inside", "above"], bounded(state.edges)]]) {
      for (const name of columns) for (const place of document.querySelectorAll(`[data-column="${name}"]`)) place.hidden = away;
    }
    const rest = atRest();
    const result = rest ? base : answer(state);
    // The answer as it is, beside the range that is asked about now.
    const asIs = rest ? base : answer({ ...start, edges: state.edges });
    fill("as-is", { ...asIs, ...payload.base }, payload.text);
    at("as-supposed").hidden = rest;
    if (!rest) fill("as-supposed", result);
    at("legend-main").textContent = rest ? "the answer" : "as supposed";
    at("now").textContent = result.median === undefined ? "" : `${rest ? "As it is" : "As supposed"}: ${withUnit(result.median, payload)} (${fromTo(result.q05, result.q95)})`;
    const few = result.effective !== null && result.effective < live.fewest;
    at("draws").textContent = result.effective === null
      ? `From a fit without the claim ${state.claim}.`
      : `Worth ${Math.round(result.effective).toLocaleString("en-US")} independent draws${live.step > 1 ? ` (this page carries one in ${live.step})` : ""}.`;
    const caution = at("caution");
    caution.hidden = rest || !(few || (result.effective !== null && result.effective < 1000));
    if (few) {
      caution.textContent = `Only ${Math.round(result.effective)} effective draws are left, fewer than ${live.fewest}: too few to show numbers. Widen the interval, or ask the command line (estimates whatif), which fits anew.`;
    } else if (!caution.hidden) {
      caution.textContent = "Few draws are left, so the last digit may be noise.";
    }
    put("answer", "density", [...density(result, "as supposed"), ...density(asIs, "as it is")]);
    put("answer", "interval", result.median === undefined ? [] : [{ q05: result.q05, median: result.median, q95: result.q95 }]);
    const ends = domain.map(scale.from), [low, high] = state.edges;
    const [from, to] = [low ?? ends[0], high ?? ends[1]].map((x) => Math.min(ends[1], Math.max(ends[0], x)));
    const cited = payload.compared && JSON.stringify(state.edges) === JSON.stringify(start.edges);
    const middle = scale.from((scale.to(from) + scale.to(to)) / 2);
    const band = low === null && high === null ? [] : [{ low: from, high: to, middle, words: cited ? "cited" : "compared with" }];
    for (const name of GIVEN) {
      put(name, "range", band);
      put(name, "edges", [low, high].filter((x) => x !== null && x >= ends[0] && x <= ends[1]).map((at) => ({ at })));
    }
    const labels = result.labels ?? live.readings.map((one) => one.name);
    const rows = (result.readings ?? []).map((one, r) => ({ reading: readingWords(labels[r] || "the only reading"), ...one }))
      .filter((one) => one.weight > 0).sort((a, b) => b.weight - a.weight).slice(0, 40);
    put("readings", "rows", rows);
    window.estimates = { state: clone(state), result: { ...result, draw: undefined, weights: Array.from(result.weights ?? []) }, live };
  }

  // Cards: a number shows where it comes from --------------------------------------------------------------

  const dialog = at("card");

  // A card, and behind it the cards of the claims that it names.
  function tell(id, claims) {
    const shown = [at(id)];
    if (claims) {
      const links = at(id).querySelectorAll("a[href^='#claim-']");
      shown.push(...Array.from(links, (link) => at(link.getAttribute("href").slice(1))));
    }
    const copies = shown.map((card) => {
      const copy = card.cloneNode(true);
      copy.removeAttribute("id");
      return copy;
    });
    const go = element("p", {}, element("a", { href: `#${id}`, class: "go", text: "Show it in its place on the page" }));
    go.firstChild.addEventListener("click", (later) => { later.stopPropagation(); dialog.close(); });
    at("card-body").replaceChildren(...copies, go);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const id = (link.getAttribute("href") ?? link.getAttribute("xlink:href")).slice(1);
    const place = at(id);
    if (place?.matches(".card") && dialog.showModal) {
      event.preventDefault();
      tell(id, !id.startsWith("claim-") && !dialog.contains(link));
    } else if (place?.matches("details")) {
      place.open = true;
    }
  });

  // A mark of a chart leads where its row of the table leads.
  function follow(_, item) {
    const id = item?.datum?.card;
    if (!id || !at(id)) return;
    if (at(id).matches(".card") && dialog.showModal) tell(id, !id.startsWith("claim-"));
    else location.hash = id;
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // Charts as files ---------------------------------------------------------------------------------------------

  const quoted = (value) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

  // What a chart shows as CSV: the heads and the rows as they are drawn now.
  function csvOf(name) {
    const { columns, of } = specs[name].usermeta;
    const rows = of ? shown[of] : specs[name].data.values;
    const text = (value) => quoted(String(value ?? "").replaceAll("\u2060", ""));
    const table = [columns.map(([, head]) => text(head)), ...rows.map((row) => columns.map(([key]) => text(row[key])))];
    return table.map((cells) => `${cells.join(",")}\r\n`).join("");
  }

  // A chart by itself: on white, with what it shows and where it comes from.
  async function svgOf(name) {
    const width = 720, colours = inFile(), place = element("div", { class: "aside" });
    const spec = { ...dressed(name, colours, width), width, background: "#fff", padding: 16 };
    spec.title = { text: lines(at(`chart-${name}`).getAttribute("aria-label"), width / 8), subtitle: lines(payload.credit, width / LETTER) };
    document.body.append(place);
    const { view } = await window.vegaEmbed(place, spec, options(colours));
    const text = await view.toSVG();
    view.finalize();
    place.remove();
    return text;
  }

  const KINDS = { svg: [svgOf, "image/svg+xml"], csv: [csvOf, "text/csv;charset=utf-8"] };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".take button");
    if (!button) return;
    const { chart, kind } = button.dataset, [make, type] = KINDS[kind];
    const address = URL.createObjectURL(new Blob([await make(chart)], { type }));
    element("a", { href: address, download: `${payload.slug}-${chart}.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });

  // Light and dark ---------------------------------------------------------------------------------------------

  const preference = window.matchMedia("(prefers-color-scheme: dark)");
  function theme(name) { document.documentElement.dataset.theme = name; }
  theme(preference.matches ? "dark" : "light");
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#theme")) theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  });
  preference.addEventListener("change", () => { theme(preference.matches ? "dark" : "light"); });

  // Begin ----------------------------------------------------------------------------------------------------------

  // What is supposed stays so while the answer itself is the same.
  async function begin() {
    const before = { of: JSON.stringify([start, payload?.base]), state };
    payload = read("payload");
    live = payload.live;
    scale = payload.log ? SCALES.log : SCALES.linear;
    domain = null;
    knobs.length = 0;
    if (!live) {
      at("result").hidden = true;
      return;
    }
    layOut(await unpacked(at("draws-data").textContent));
    start = firstState();
    state = clone(start);
    if (JSON.stringify([start, payload.base]) === before.of) state = before.state;
    base = answer(start);
    if (!base.draw) return;
    domain = reachOf(base);
    buildRange();
    buildReadings();
    buildQuantities();
    if (live.quantities.length) buildHold();
    buildClaims();
    at("reset").addEventListener("click", () => { state = clone(start); refresh(); });
    at("controls").hidden = false;
    refresh();
  }

  // The ends of the axis: nearly all draws, and the range compared with.
  function reachOf(result) {
    const whole = new Ends();
    for (let i = 0; i < result.count; i++) { const [, , w] = result.draw(i); if (w > 0) whole.add(w); }
    const reach = new Quantiles([0.001, 0.999], whole);
    for (let i = 0; i < result.count; i++) { const [v, , w] = result.draw(i); if (w > 0) reach.add(v, w); }
    const ends = reach.values.map(scale.to);
    for (const edge of start.edges) {
      if (edge !== null && (!payload.log || edge > 0)) {
        ends[0] = Math.min(ends[0], scale.to(edge));
        ends[1] = Math.max(ends[1], scale.to(edge));
      }
    }
    const margin = 0.04 * (ends[1] - ends[0]) || 1;
    return [ends[0] - margin, ends[1] + margin];
  }

  // Show what the page holds now: all of it, or the charts alone that are not drawn yet.
  async function show(anew) {
    try {
      specs = read("specs");
      if (anew) await begin();
      if (!window.vegaEmbed) {
        // The policy of the page knows this script by its digest, and runs no other.
        document.head.append(element("script", { text: new TextDecoder().decode(await unpacked(at("bundle").textContent)) }));
      }
      if (!window.vegaEmbed) throw new Error("the charting library could not be started");
      await draw();
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      const told = element("p", { class: "warning", text: `The charts and the what-if could not be started: ${error.message}. Every figure is under “Figures” as a picture.` });
      at("answer").append(told);
      throw error;
    }
  }

  if (at("payload").textContent) await show(true);
  else window.showReport = show;  // `estimates preview`, which brings one answer after the other
})();
