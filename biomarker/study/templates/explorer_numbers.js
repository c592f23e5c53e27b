// Numbers: looked up in what the study has worked out, and printed as its tables print them.

const content = JSON.parse(document.getElementById("data").textContent);

// A number with so many decimals. As in Python, an exact tie goes to the even digit; toFixed would round it up.
function fixed(value, digits) {
  if (Number.isNaN(value)) return "NE";
  const size = Math.abs(value);
  let text = size.toFixed(digits);
  const isTie = (size * 2 ** (digits + 1)) % 2 === 1;
  if (isTie && Number(text.at(-1)) % 2 === 1) text = (size * (1 - 2 ** -50)).toFixed(digits);
  const sign = value < 0 && Number(text) !== 0 ? "\u2212" : "";
  return sign + text.replace(".", content.style.decimal);
}

// A number as it was given: 6.5 stays 6.5.
function plain(text) {
  return text.replace("-", "\u2212").replace(".", content.style.decimal);
}

// Tenths of a percent, as the study file's tables round them.
function share(tenths) {
  if (tenths === null) return "NE";
  const text = String(tenths).padStart(2, "0");
  return `${text.slice(0, -1)}${content.style.decimal}${text.slice(-1)}`;
}

function between(low, high) {
  const mark = content.style.range === "to" ? " to " : content.style.range;
  return `${low}${mark}${high}`;
}

// How many distinct values lie below a cutoff (at or below it where low values are positive): where its numbers stand.
function placeOf(values, cutoff) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBelow = content.higher ? values[middle] < cutoff : values[middle] <= cutoff;
    if (isBelow) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isCalled(value, cutoff) {
  return content.higher ? value >= cutoff : value <= cutoff;
}

// Value, low and high of one of sensitivity, specificity, ppv and npv, in tenths of a percent.
function shareAt(view, name, place) {
  const [value, low, high] = view.shares[name].map((column) => column[place]);
  const isNaive = view.naive[name] !== undefined && view.naive[name][place] === "1";
  return { value, low, high, isNaive };
}

// PPV and NPV at another prevalence: its odds times the likelihood ratio, limits likewise (Mercaldo, Lau and Zhou).
function elsewhere(view, place, prevalence) {
  const odds = prevalence / (1 - prevalence);
  const fraction = (ratio) => 1 / (1 + 1 / (ratio * odds));
  const parts = (name) => view.ratios[name].map((column) => asNumber(column[place]));
  const [ppv, ppvLow, ppvHigh] = parts("lr_positive").map(fraction);
  const [npv, npvHigh, npvLow] = parts("lr_negative").map((ratio) => 1 - fraction(ratio));
  return { ppv: { value: ppv, low: ppvLow, high: ppvHigh }, npv: { value: npv, low: npvLow, high: npvHigh } };
}

function asNumber(held) {
  if (held === null) return NaN;
  return held === "inf" ? Infinity : held;
}

// Product-limit survival of the patients chosen; they come sorted by time. Steps, and times at which one was censored.
function survivalOf(split, isIn) {
  const rows = split.t.map((_, row) => row).filter(isIn);
  const steps = [[0, 1]];
  const censored = [];
  let survival = 1;
  let atRisk = rows.length;
  for (let i = 0; i < rows.length; ) {
    const time = split.t[rows[i]];
    let leaving = 0;
    let events = 0;
    for (; i < rows.length && split.t[rows[i]] === time; i += 1) {
      leaving += 1;
      events += split.e[rows[i]] === "1" ? 1 : 0;
    }
    if (events) {
      survival *= 1 - events / atRisk;
      steps.push([time, survival]);
    }
    if (leaving > events) censored.push([time, survival]);
    atRisk -= leaving;
  }
  const end = rows.length ? split.t[rows.at(-1)] : 0;
  return { n: rows.length, events: rows.filter((row) => split.e[row] === "1").length, steps, censored, end, rows };
}

function atRisk(split, curve, time) {
  return curve.rows.filter((row) => split.t[row] >= time).length;
}

// Round ticks over a range, some five of them.
function ticksOver(low, high) {
  const span = high - low || 1;
  const unit = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((size) => span / size <= 7);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * span; k += 1) {
    ticks.push({ at: k * step, text: fixed(k * step, Math.min(digits, 12)) });
  }
  return ticks;
}
