// Drawings: plain SVG, in pixels of the box they stand in, so that letters keep their size on a telephone.

const NAMESPACE = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function node(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

// Empty a drawing and give it a size; returns its width.
function opened(svg, height, description) {
  const width = Math.max(220, Math.floor(svg.parentElement.clientWidth));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", description);
  svg.replaceChildren();
  return width;
}

function lineOf(points) {
  return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
}

function shortened(text, width) {
  const most = Math.max(6, Math.floor(width / 6.2));
  const signs = [...text];
  return signs.length > most ? `${signs.slice(0, most - 1).join("")}…` : text;
}

function fractionAxes(svg, box, xLabel, yLabel) {
  for (const tick of [0, 25, 50, 75, 100]) {
    const x = box.left + (box.width * tick) / 100;
    const y = box.top + box.height * (1 - tick / 100);
    svg.append(
      shape("path", { class: "grid", d: `M${box.left} ${y}H${box.left + box.width}` }),
      shape("text", { x, y: box.top + box.height + 16, "text-anchor": "middle" }, String(tick)),
      shape("text", { x: box.left - 6, y: y + 4, "text-anchor": "end" }, String(tick)),
    );
  }
  svg.append(shape("path", { class: "axis", d: `M${box.left} ${box.top}V${box.top + box.height}H${box.left + box.width}` }));
  labelAxes(svg, box, xLabel, yLabel);
}

function labelAxes(svg, box, xLabel, yLabel) {
  svg.append(
    shape("text", { x: box.left + box.width / 2, y: box.top + box.height + 34, "text-anchor": "middle" }, xLabel),
    shape("text", { x: 0, y: box.top - 10 }, yLabel),
  );
}

// ------------------------------------------------------------------------------------------------------------ strip

// One lane a class, in it one row a patient: lesions as dots, joined. Returns what moves with the cutoff.
function drawStrip(svg, view, onPatient) {
  const lanes = [1, 0].map((kind) => laneOf(view, kind));
  const heights = lanes.map((lane) => Math.min(260, Math.max(70, lane.patients.length * 7)));
  const top = 34;
  const gap = 26;
  const height = top + heights[0] + gap + heights[1] + 46;
  const width = opened(svg, height, stripDescription(view));
  const left = 4;
  const right = width - 8;
  const numbers = view.cutoffs.map(Number);
  const [low, high] = [Math.min(numbers[0], view.values[0]), Math.max(numbers.at(-1), view.values.at(-1))];
  const pad = 0.01 * (high - low);
  const across = (value) => left + ((value - low + pad) / (high - low + 2 * pad)) * (right - left);
  const valueAt = (x) => low - pad + ((x - left) / (right - left)) * (high - low + 2 * pad);
  const bottom = height - 46;
  for (const tick of ticksOver(low, high)) {
    const x = across(tick.at);
    svg.append(
      shape("path", { class: "grid", d: `M${x} ${top}V${bottom}` }),
      shape("text", { x, y: bottom + 17, "text-anchor": "middle" }, tick.text),
    );
  }
  const zone = shape("rect", { class: "zone", y: top - 6, height: bottom - top + 6, x: 0, width: 0 });
  svg.append(zone, shape("path", { class: "axis", d: `M${left} ${bottom}H${right}` }));
  const label = axisText(view);
  svg.append(shape("text", { x: (left + right) / 2, y: bottom + 36, "text-anchor": "middle" }, shortened(label, width)));
  const dots = [];
  const called = lanes.map((lane, i) => {
    const laneTop = top + (i ? heights[0] + gap : 0);
    const count = shape("text", { class: "strong over", x: right, y: laneTop - 8, "text-anchor": "end" });
    const title = shortened(lane.title, width - 128);
    const kind = lane.kind ? "first-text" : "second-text";
    drawLane(svg, view, lane, { laneTop, height: heights[i], across, dots, onPatient });
    return { count, lane, title: shape("text", { class: `${kind} over`, x: left, y: laneTop - 8 }, title) };
  });
  for (const place of view.prespecified) {
    const x = across(numbers[place]);
    svg.append(shape("path", { class: "mark-line", d: `M${x} ${top - 6}V${bottom}` }));
  }
  const line = shape("g", {});
  line.append(
    shape("path", { class: "cutoff-line", d: `M0 ${top - 8}V${bottom + 2}` }),
    shape("rect", { class: "handle", x: -11, y: bottom - 8, width: 22, height: 16, rx: 4 }),
    shape("path", { class: "handle-arrows", d: `M-4 ${bottom - 3}l-3 3 3 3M4 ${bottom - 3}l3 3-3 3` }),
  );
  const thread = shape("path", { class: "thread" });
  svg.insertBefore(thread, svg.querySelector(".dot"));
  svg.append(line, ...called.flatMap(({ title, count }) => [title, count]));
  return { across, valueAt, zone, line, thread, dots, called, width };
}

function laneOf(view, kind) {
  const rows = view.v.map((_, row) => row).filter((row) => Number(view.y[row]) === kind);
  const byPatient = new Map();
  for (const row of rows) byPatient.set(view.p[row], [...(byPatient.get(view.p[row]) ?? []), row]);
  const highest = (patient) => Math.max(...byPatient.get(patient).map((row) => view.v[row]));
  const patients = [...byPatient.keys()].sort((a, b) => highest(b) - highest(a) || a - b);
  return { kind, rows, byPatient, patients, title: view.classes[kind ? 0 : 1] };
}

function drawLane(svg, view, lane, { laneTop, height, across, dots, onPatient }) {
  const pitch = height / Math.max(1, lane.patients.length);
  lane.patients.forEach((patient, i) => {
    const y = laneTop + pitch * (i + 0.5);
    const rows = lane.byPatient.get(patient);
    const values = rows.map((row) => view.v[row]);
    if (rows.length > 1) {
      const d = `M${across(Math.min(...values)).toFixed(2)} ${y.toFixed(2)}H${across(Math.max(...values)).toFixed(2)}`;
      svg.append(shape("path", { class: "tie", d }));
    }
    for (const row of rows) {
      const dot = shape("circle", { "data-patient": patient, cx: across(view.v[row]).toFixed(2), cy: y.toFixed(2), r: 3.3 });
      dot.addEventListener("click", () => onPatient(patient));
      dots.push({ dot, row, patient });
      svg.append(dot);
    }
  });
}

function moveStrip(parts, view, cutoff, place, patient) {
  parts.line.setAttribute("transform", `translate(${parts.across(cutoff)} 0)`);
  for (const { dot, row, patient: owner } of parts.dots) {
    const side = isCalled(view.v[row], cutoff) ? "" : " below";
    dot.setAttribute("class", `dot y${view.y[row]}${side}${owner === patient ? " mine" : ""}`);
  }
  parts.thread.setAttribute("d", lineOf(threadOf(parts.dots, view, patient)));
  for (const { count, lane } of parts.called) {
    const positive = lane.rows.filter((row) => isCalled(view.v[row], cutoff)).length;
    count.textContent = `${positive} of ${lane.rows.length} positive`;
  }
  if (view.grey) {
    const [low, high] = view.grey.limits.map((limits) => parts.across(limits[place]));
    const [from, to] = [Math.max(0, low), Math.min(parts.width, high)];
    parts.zone.setAttribute("x", from);
    parts.zone.setAttribute("width", Math.max(0, to - from));
  }
}

// The way through all lesions of one patient: along its row of the upper lane, down, and back along the lower one.
function threadOf(dots, view, patient) {
  const mine = dots.filter((one) => one.patient === patient);
  const along = (kind, sign) =>
    mine.filter(({ row }) => view.y[row] === kind).sort((a, b) => sign * (view.v[a.row] - view.v[b.row]));
  return [...along("1", 1), ...along("0", -1)].map(({ dot }) => [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))]);
}

function stripDescription(view) {
  const joined = view.nested ? "; the lesions of a patient are joined by a line" : "";
  return `Strip plot of ${axisText(view)}: ${view.classes[0]}, above, and ${view.classes[1]}, below${joined}. Filled dots are called positive.`;
}

function axisText(view) {
  return `${view.axis}${view.measure ? ` (${view.measure})` : ""}${view.time ? `, ${view.time}` : ""}`;
}

// -------------------------------------------------------------------------------------------------------------- ROC

function drawRoc(svg, view, place) {
  const width = opened(svg, 300, "");
  const side = Math.min(width - 46, 320);
  const box = { left: 38, top: 26, width: side, height: side };
  svg.setAttribute("viewBox", `0 0 ${width} ${side + 68}`);
  fractionAxes(svg, box, "100 − specificity, %", "Sensitivity, %");
  const [tp, fp, fn, tn] = view.cells;
  const at = (i) => [
    box.left + (box.width * fp[i]) / (fp[i] + tn[i]),
    box.top + box.height * (1 - tp[i] / (tp[i] + fn[i])),
  ];
  const sensitivity = shareAt(view, "sensitivity", place);
  const specificity = shareAt(view, "specificity", place);
  const [x, y] = at(place);
  svg.append(
    shape("path", { class: "chance", d: `M${box.left} ${box.top + box.height}L${box.left + box.width} ${box.top}` }),
    shape("path", { class: "curve", d: lineOf(tp.map((_, i) => at(i))) }),
  );
  const level = (tenths) => box.top + box.height * (1 - tenths / 1000);
  const along = (tenths) => box.left + box.width * (1 - tenths / 1000);
  if (sensitivity.low !== null) {
    svg.append(shape("path", { class: "cross", d: `M${x} ${level(sensitivity.low)}V${level(sensitivity.high)}` }));
  }
  if (specificity.low !== null) {
    svg.append(shape("path", { class: "cross", d: `M${along(specificity.high)} ${y}H${along(specificity.low)}` }));
  }
  svg.append(shape("circle", { class: "point", cx: x, cy: y, r: 5 }));
  svg.setAttribute(
    "aria-label",
    `ROC curve of ${axisText(view)}; at this cutoff sensitivity ${share(sensitivity.value)}%, specificity ${share(specificity.value)}%.`,
  );
}

// ------------------------------------------------------------------------------------------------------- prevalence

function drawPrevalence(svg, view, place, percent) {
  const width = opened(svg, 226, "PPV and NPV at this cutoff over prevalence, with confidence limits.");
  const box = { left: 38, top: 26, width: width - 46, height: 160 };
  fractionAxes(svg, box, "Prevalence, %", "Predictive value, %");
  const points = Array.from({ length: 99 }, (_, i) => ({ percent: i + 1, ...elsewhere(view, place, (i + 1) / 100) }));
  const x = (p) => box.left + (box.width * p) / 100;
  const y = (fraction) => box.top + box.height * (1 - fraction);
  for (const [name, kind] of [["ppv", "first"], ["npv", "second"]]) {
    const known = points.filter((point) => !Number.isNaN(point[name].value));
    const bounded = known.filter((point) => !Number.isNaN(point[name].low) && !Number.isNaN(point[name].high));
    if (bounded.length) {
      const upper = bounded.map((point) => [x(point.percent), y(point[name].high)]);
      const lower = bounded.map((point) => [x(point.percent), y(point[name].low)]).reverse();
      svg.append(shape("path", { class: `${kind}-band`, d: `${lineOf([...upper, ...lower])}Z` }));
    }
    if (known.length) {
      svg.append(shape("path", { class: kind, d: lineOf(known.map((point) => [x(point.percent), y(point[name].value)])) }));
    }
  }
  svg.append(shape("path", { class: "cutoff-line", d: `M${x(percent)} ${box.top}V${box.top + box.height}` }));
}

// --------------------------------------------------------------------------------------------------------- survival

function drawSurvival(svg, split, curves, description) {
  const wide = Math.max(220, Math.floor(svg.parentElement.clientWidth));
  const box = { left: 38, top: 26, width: wide - 52, height: 190 };
  opened(svg, box.top + box.height + 88, description);
  const longest = Math.max(...split.t, split.ticks.at(-1)) || 1;
  const x = (time) => box.left + (box.width * time) / longest;
  const y = (survival) => box.top + box.height * (1 - survival);
  for (const tick of [0, 25, 50, 75, 100]) {
    svg.append(
      shape("path", { class: "grid", d: `M${box.left} ${y(tick / 100)}H${box.left + box.width}` }),
      shape("text", { x: box.left - 6, y: y(tick / 100) + 4, "text-anchor": "end" }, String(tick)),
    );
  }
  svg.append(shape("path", { class: "axis", d: `M${box.left} ${box.top}V${box.top + box.height}H${box.left + box.width}` }));
  const unit = content.unit_of_time ? `Time, ${content.unit_of_time}` : "Time";
  labelAxes(svg, box, unit, `${shortened(content.outcome, wide - 30)}, %`);
  svg.append(shape("text", { x: 0, y: box.top + box.height + 48 }, "At risk"));
  for (const time of split.ticks) {
    svg.append(
      shape("text", { x: x(time), y: box.top + box.height + 16, "text-anchor": "middle" }, fixed(time, Number.isInteger(time) ? 0 : 1)),
    );
  }
  curves.forEach((curve, side) => {
    const kind = side ? "second" : "first";
    const row = box.top + box.height + 64 + 17 * side;
    for (const time of split.ticks) {
      svg.append(
        shape("text", { class: `${kind}-text`, x: x(time), y: row, "text-anchor": "middle" }, String(atRisk(split, curve, time))),
      );
    }
    if (!curve.n) return;
    const d = curve.steps.map(([time, s], i) => (i ? `H${x(time).toFixed(2)}V${y(s).toFixed(2)}` : `M${x(0)} ${y(1)}`));
    svg.append(shape("path", { class: kind, d: `${d.join("")}H${x(curve.end).toFixed(2)}` }));
    const ticks = curve.censored.map(([time, s]) => `M${x(time).toFixed(2)} ${(y(s) - 4).toFixed(2)}v8`).join("");
    if (ticks) svg.append(shape("path", { class: `${kind} censored`, d: ticks }));
  });
}

// A small bar of an estimate and its limits between 0 and 100 %.
function barOf({ value, low, high }) {
  const svg = shape("svg", { viewBox: "0 0 100 16", preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(shape("path", { class: "track", d: "M0 8H100", "vector-effect": "non-scaling-stroke" }));
  if (low !== null && !Number.isNaN(low)) {
    svg.append(shape("path", { class: "limits", d: `M${low / 10} 8H${high / 10}`, "vector-effect": "non-scaling-stroke" }));
  }
  if (value !== null && !Number.isNaN(value)) {
    svg.append(shape("rect", { class: "estimate", x: Math.min(98, Math.max(0, value / 10 - 1)), y: 3, width: 2, height: 10 }));
  }
  return svg;
}
