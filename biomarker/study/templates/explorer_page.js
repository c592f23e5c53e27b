// The page: what is chosen, what moves, what is said. The choice stands in the address, so that it can be sent on.

const LABELS = { sensitivity: "Sensitivity", specificity: "Specificity", ppv: "PPV", npv: "NPV" };
const state = { view: 0, place: 0, prevalence: 50, patient: null };
let strip = null;
let waitingAddress = 0;
let waitingWords = 0;

function shown() {
  return content.views[state.view];
}

function cutoffText(view, position) {
  const sign = content.higher ? "≥" : "≤";
  return `${sign} ${plain(view.cutoffs[position])}${view.measure ? `\u00a0${view.measure}` : ""}`;
}

function nearest(view, value) {
  const distance = (i) => Math.abs(Number(view.cutoffs[i]) - value);
  return view.cutoffs.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
}

function observed(view) {
  const [tp, fp, fn, tn] = view.cells.map((cell) => cell[0]);
  return (tp + fn) / (tp + fp + fn + tn);
}

// ---------------------------------------------------------------------------------------------------------- address

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const number = (key) => (given.has(key) && given.get(key).trim() !== "" ? Number(given.get(key)) : NaN);
  const asked = number("view") - 1;
  state.view = content.views[asked] ? asked : 0;
  const view = shown();
  const cutoff = number("cutoff");
  state.place = Number.isFinite(cutoff) ? nearest(view, cutoff) : view.start;
  const percent = Math.round(number("prevalence"));
  state.prevalence = percent >= 1 && percent <= 99 ? percent : startPrevalence(view);
  const patient = number("patient");
  state.patient = view.p.includes(patient) ? patient : null;
}

function startPrevalence(view) {
  return Math.min(99, Math.max(1, Math.round(100 * observed(view))));
}

function address() {
  const parts = new URLSearchParams({ view: state.view + 1, cutoff: shown().cutoffs[state.place], prevalence: state.prevalence });
  if (state.patient !== null) parts.set("patient", state.patient);
  return `#${parts}`;
}

// A browser takes only so many changes of the address in a second: it follows once the hand rests.
function keepAddress() {
  byId("link").setAttribute("href", address());
  clearTimeout(waitingAddress);
  waitingAddress = setTimeout(() => history.replaceState(null, "", address()), 250);
}

// ---------------------------------------------------------------------------------------------------------- choices

function buildChoices() {
  const section = byId("choices");
  for (const [key, label] of [["marker", "Marker"], ["time", "Time point"], ["unit", "Calls are made on"]]) {
    const names = [...new Set(content.views.map((view) => view[key]))];
    if (names.length < 2) continue;
    const select = node("select", { id: `choice-${key}` });
    names.forEach((name) => select.append(new Option(name, name)));
    select.addEventListener("change", () => changeView(key, select.value));
    section.append(node("div", {}, node("label", { for: `choice-${key}` }, label), select));
    section.hidden = false;
  }
}

// Take the view that has the new choice and otherwise most of the old ones.
function changeView(key, name) {
  const before = shown();
  const kin = (view) => ["marker", "time", "unit"].filter((other) => other !== key && view[other] === before[other]).length;
  const fitting = content.views.map((_, i) => i).filter((i) => content.views[i][key] === name);
  const best = fitting.reduce((a, b) => (kin(content.views[b]) > kin(content.views[a]) ? b : a));
  const cutoff = Number(before.cutoffs[state.place]);
  state.view = best;
  const view = shown();
  const fits = view.marker === before.marker && cutoff >= Number(view.cutoffs[0]) && cutoff <= Number(view.cutoffs.at(-1));
  state.place = fits ? nearest(view, cutoff) : view.start;
  if (!view.p.includes(state.patient)) state.patient = null;
  openView();
}

function openView() {
  const view = shown();
  for (const key of ["marker", "time", "unit"]) {
    const select = byId(`choice-${key}`);
    if (select) select.value = view[key];
  }
  const slider = byId("cutoff");
  slider.max = view.cutoffs.length - 1;
  byId("strip-title").textContent = `${view.axis} by ${view.by}`;
  strip = drawStrip(byId("strip-plot"), view, (patient) => {
    state.patient = state.patient === patient ? null : patient;
    update();
  });
  buildMarks(view);
  buildPatients(view);
  update();
}

function buildMarks(view) {
  const marks = [
    ...view.prespecified.map((place) => ({ place, text: "Prespecified" })),
    ...view.chosen.map((place) => ({ place, text: "Chosen on these data" })),
  ];
  const buttons = marks.map(({ place, text }) => {
    const button = node("button", { type: "button" }, `${text}: ${cutoffText(view, place)}`);
    button.addEventListener("click", () => moveTo(place));
    return button;
  });
  byId("marks").replaceChildren(...buttons);
}

function buildPatients(view) {
  byId("who").hidden = view.k === null;
  const patients = [...new Set(view.p)].sort((a, b) => a - b);
  const options = patients.map((patient) => new Option(patientName(patient), patient));
  byId("patient").replaceChildren(new Option("none", ""), ...options);
}

function patientName(patient) {
  return Array.isArray(content.patients) ? content.patients[patient - 1] : String(patient);
}

// ------------------------------------------------------------------------------------------------------------- moves

function moveTo(place) {
  state.place = Math.min(shown().cutoffs.length - 1, Math.max(0, place));
  update();
}

// The slider is a plain range input, so arrows, Home and End are its own; a page is ten steps, everywhere.
function onKey(event) {
  const pages = { PageUp: 10, PageDown: -10 }[event.key];
  if (pages === undefined) return;
  event.preventDefault();
  moveTo(state.place + pages);
}

function followPointer(svg) {
  let isDragging = false;
  const follow = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * strip.width;
    moveTo(nearest(shown(), strip.valueAt(x)));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.classList.contains("dot")) return;
    isDragging = true;
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (isDragging) follow(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => {
      isDragging = false;
    });
  }
}

// ------------------------------------------------------------------------------------------------------------ update

function update() {
  const view = shown();
  const cutoff = Number(view.cutoffs[state.place]);
  const place = placeOf(view.values, cutoff);
  const text = `${view.axis} ${cutoffText(view, state.place)}`;
  const slider = byId("cutoff");
  slider.value = state.place;
  slider.setAttribute("aria-valuetext", text);
  byId("cutoff-text").textContent = cutoffText(view, state.place);
  byId("strip-plot").classList.toggle("chosen", state.patient !== null);
  moveStrip(strip, view, cutoff, state.place, state.patient);
  tellNotice(view);
  tellStrip(view, cutoff);
  tellNumbers(view, place);
  drawRoc(byId("roc-plot"), view, place);
  byId("roc-note").textContent = `Area under the curve ${view.auc}. The cross holds the limits of sensitivity and specificity at this cutoff.`;
  tellPrevalence(view, place);
  tellSurvival(view, cutoff);
  speak(view, place, text);
  keepAddress();
}

function tellNotice(view) {
  const notice = byId("notice");
  const isPrespecified = view.prespecified.includes(state.place);
  const others = view.prespecified.map((place) => cutoffText(view, place)).join(", ");
  const words = view.prespecified.length
    ? `Not the prespecified cutoff (${others}).`
    : "No cutoff was prespecified for this choice of marker and unit.";
  notice.classList.toggle("calm", isPrespecified);
  notice.dataset.kind = isPrespecified ? "prespecified" : "data-driven";
  notice.textContent = isPrespecified
    ? "Prespecified cutoff, as the study file states. Any other is chosen on these data and exploratory."
    : `${words} A cutoff chosen by looking at these data performs too well on them: what is shown is exploratory and must be confirmed in other patients.`;
}

function tellStrip(view, cutoff) {
  const linked = view.nested ? `Each row is a patient, its ${view.word}s joined by a line. ` : "";
  const left = view.left_out.length ? ` Left out: ${view.left_out.join(", ")}.` : "";
  const of = view.k === null ? "" : ` of ${view.k} patients`;
  const many = view.word === "patient" ? `${view.v.length} patients` : `${view.v.length} ${view.word}s${of}`;
  byId("strip-note").textContent = `${many}. ${linked}Filled: called positive. Drag the line, or use the slider and its keys.${left}`;
  tellGrey(view);
  const { patient } = state;
  byId("patient").value = patient ?? "";
  const rows = view.p.map((_, row) => row).filter((row) => view.p[row] === patient);
  const values = rows.map((row) => plain(String(view.v[row])));
  const called = rows.filter((row) => isCalled(view.v[row], cutoff)).length;
  byId("patient-text").textContent =
    patient === null ? "" : `${view.axis} ${values.join(", ")}: ${called} of ${rows.length} called positive.`;
}

function tellGrey(view) {
  const { grey } = view;
  if (!grey) {
    byId("grey-note").textContent = "";
    return;
  }
  const i = state.place;
  const [value, low, high] = grey.share.map((column) => column[i]);
  const limits = low === null ? "" : `; ${content.level} CI ${between(share(low), share(high))}%`;
  const unit = view.measure ? ` ${view.measure}` : "";
  byId("grey-note").textContent =
    `Grey zone ${between(grey.low[i], grey.high[i])}${unit}, from ${grey.source}: measured again, a value in it changes sides ` +
    `with a probability above ${content.change_probability}%. It holds ${grey.inside[i]} of ${view.v.length} ` +
    `${view.word}s (${share(value)}%${limits}). Expected to change sides on remeasurement: ${share(grey.change[i])}%.`;
}

function tellNumbers(view, place) {
  const [tp, fp, fn, tn] = view.cells.map((cell) => cell[place]);
  const cell = (count, name) => node("td", {}, String(count), node("small", {}, name));
  const row = (label, ...cells) => node("tr", {}, node("th", { scope: "row" }, label), ...cells);
  const head = (...labels) => node("thead", {}, node("tr", {}, ...labels.map((label) => node("th", { scope: "col" }, label))));
  byId("two-by-two").replaceChildren(
    head(`Number of ${view.word}s`, "Called positive", "Called negative"),
    node("tbody", {}, row(view.classes[0], cell(tp, "TP"), cell(fn, "FN")), row(view.classes[1], cell(fp, "FP"), cell(tn, "TN"))),
  );
  const counts = { sensitivity: [tp, tp + fn], specificity: [tn, fp + tn], ppv: [tp, tp + fp], npv: [tn, fn + tn] };
  const rows = Object.keys(LABELS).map((name) => {
    const found = shareAt(view, name, place);
    const mark = found.isNaive ? "*" : "";
    const range = found.low === null ? "" : between(share(found.low), share(found.high));
    return shareRow(LABELS[name], counts[name].join("/"), share(found.value) + mark, range, found, name);
  });
  byId("shares").replaceChildren(head("%", "n/N", "Estimate", `${content.level} CI`, "0 to 100"), node("tbody", {}, ...rows));
  const isNaive = Object.keys(LABELS).some((name) => shareAt(view, name, place).isNaive);
  const nested = view.nested ? `Intervals take the ${view.word}s of a patient as belonging together.` : `Intervals take ${view.word}s as independent.`;
  const naive = isNaive ? " * All these rows belong to one patient: the interval takes them as independent." : "";
  byId("numbers-note").textContent = `${nested}${naive} Prevalence here: ${fixed(100 * observed(view), 1)}%.`;
}

function shareRow(label, counts, value, range, found, name) {
  return node(
    "tr",
    { "data-name": name },
    node("th", { scope: "row" }, label),
    ...(counts === null ? [] : [node("td", { class: "n" }, counts)]),
    node("td", { class: "value" }, value),
    node("td", { class: "range" }, range),
    node("td", { class: "bar" }, barOf(found)),
  );
}

function tellPrevalence(view, place) {
  const percent = state.prevalence;
  const slider = byId("prevalence");
  slider.value = percent;
  slider.setAttribute("aria-valuetext", `${percent} percent`);
  byId("prevalence-text").textContent = `${percent}%`;
  const found = elsewhere(view, place, percent / 100);
  const rows = ["ppv", "npv"].map((name) => {
    const { value, low, high } = found[name];
    const hasLimits = !(Number.isNaN(low) && Number.isNaN(high));
    const range = hasLimits ? between(fixed(100 * low, 1), fixed(100 * high, 1)) : "";
    const bar = { value: 1000 * value, low: 1000 * low, high: 1000 * high };
    const line = shareRow(LABELS[name], null, fixed(100 * value, 1), range, bar, name);
    line.firstChild.prepend(node("span", { class: name === "ppv" ? "key" : "key other", "aria-hidden": "true" }));
    return line;
  });
  byId("elsewhere").replaceChildren(node("tbody", {}, ...rows));
  drawPrevalence(byId("prevalence-plot"), view, place, percent);
  byId("prevalence-note").textContent =
    "PPV and NPV in percent, with intervals, were sensitivity and specificity the same there: Bayes' rule with logit limits (Mercaldo, Lau and Zhou 2007).";
}

function tellSurvival(view, cutoff) {
  const { split } = view;
  byId("survival").hidden = split === null;
  if (split === null) return;
  const place = placeOf(split.values, cutoff);
  const sides = [(row) => isCalled(split.v[row], cutoff), (row) => !isCalled(split.v[row], cutoff)];
  const curves = sides.map((isIn) => survivalOf(split, isIn));
  const names = content.higher ? ["≥", "<"] : ["≤", ">"];
  byId("survival-title").textContent = content.outcome;
  drawSurvival(byId("survival-plot"), split, curves, `${content.outcome} of patients split at the cutoff; medians follow.`);
  const rows = curves.map((curve, side) =>
    node(
      "tr",
      {},
      node("th", { scope: "row" }, node("span", { class: side ? "key other" : "key", "aria-hidden": "true" }), `${names[side]} ${plain(view.cutoffs[state.place])}`),
      node("td", {}, `${curve.events}/${curve.n}`),
      node("td", {}, curve.n ? split.medians[side][place] : "NE"),
    ),
  );
  const unit = content.unit_of_time ? `, ${content.unit_of_time}` : "";
  const head = ["Patients", "Events/patients", `Median${unit} (${content.level} CI)`].map((label) => node("th", { scope: "col" }, label));
  byId("medians").replaceChildren(node("thead", {}, node("tr", {}, ...head)), node("tbody", {}, ...rows));
  const test = split.p[place] ? `Log-rank ${split.p[place]}, not corrected for the search: trying cutoffs makes some small p-value likely. ` : "";
  byId("survival-note").textContent =
    `Patients split by: ${split.label}. ${test}Exploratory: one group's survival beside another's says nothing of treatment effect.`;
}

// Said aloud once the hand rests, not at every step.
function speak(view, place, text) {
  clearTimeout(waitingWords);
  waitingWords = setTimeout(() => {
    const said = Object.keys(LABELS).map((name) => {
      const { value, low, high } = shareAt(view, name, place);
      return `${LABELS[name]} ${share(value)}%${low === null ? "" : `, ${share(low)} to ${share(high)}`}`;
    });
    const origin = view.prespecified.includes(state.place) ? "Prespecified." : "Not prespecified: exploratory.";
    byId("spoken").textContent = `Cutoff ${text}. ${origin} ${said.join(". ")}.`;
  }, 400);
}

// ------------------------------------------------------------------------------------------------------------- start

function start() {
  for (const id of ["control", "strip", "numbers", "roc", "prevalence-panel"]) byId(id).hidden = false;
  buildChoices();
  readAddress();
  byId("cutoff").addEventListener("input", (event) => moveTo(Number(event.target.value)));
  byId("cutoff").addEventListener("keydown", onKey);
  byId("prevalence").addEventListener("input", (event) => {
    state.prevalence = Number(event.target.value);
    update();
  });
  byId("patient").addEventListener("change", (event) => {
    state.patient = event.target.value === "" ? null : Number(event.target.value);
    update();
  });
  followPointer(byId("strip-plot"));
  window.addEventListener("hashchange", () => {
    readAddress();
    openView();
  });
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return; // a telephone's bars come and go: only the height changes
    width = window.innerWidth;
    openView();
  });
  openView();
}

start();
