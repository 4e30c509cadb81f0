(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const STEPS = [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 5], [1, 3], [1]];
  const HUGE = 1e15; // an axis that reaches it is written in powers of ten
  const MOST = 9; // ticks of an axis
  const SCALES = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]];

  // Marks of an SVG, each with an id: made once, then changed in place; (list of {id, tag, text, attributes}).
  page.marks = (root) => {
    const kept = new Map();
    return (list) => {
      const seen = new Set();
      let fresh = false;
      for (const mark of list) {
        if (!kept.has(mark.id)) {
          kept.set(mark.id, { node: page.draw(mark.tag), last: {} });
          fresh = true;
        }
        change(kept.get(mark.id), mark);
        seen.add(mark.id);
      }
      for (const [id, item] of kept) {
        if (seen.has(id)) continue;
        item.node.remove();
        kept.delete(id);
      }
      if (fresh) root.append(...list.map((mark) => kept.get(mark.id).node));
    };
  };

  // Bring one element to its mark: only what differs from the last time.
  const change = (item, mark) => {
    for (const key in mark) {
      if (key === "id" || key === "tag" || item.last[key] === mark[key]) continue;
      item.last[key] = mark[key];
      if (key === "text") item.node.textContent = mark[key];
      else item.node.setAttribute(key, typeof mark[key] === "number" ? round(mark[key]) : mark[key]);
    }
  };

  // A length in pixels to a tenth.
  const round = (x) => Math.round(x * 10) / 10;

  // A scale from values to pixels; logarithmic where `log`.
  page.scale = (log, low, high, from, to) => {
    const f = log ? Math.log : (x) => x;
    const back = log ? Math.exp : (x) => x;
    const [a, b] = [f(low), f(high)];
    const per = b > a ? (to - from) / (b - a) : 0;
    return {
      log, low, high, from, to,
      at: (x) => from + (f(x) - a) * per,
      back: (px) => (per ? back(a + (px - from) / per) : low),
    };
  };

  // Limits around values with a margin on their own scale; what does not fit a log scale is left out.
  page.limits = (log, values, pad = 0.04) => {
    let [low, high] = [Infinity, -Infinity];
    for (const x of values) {
      if (!Number.isFinite(x) || (log && x <= 0)) continue;
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    if (low > high) [low, high] = log ? [0.5, 2] : [0, 1];
    if (!log) {
      const margin = high > low ? pad * (high - low) : 0.1 * Math.abs(low) || 1;
      return [low - margin, high + margin];
    }
    const margin = high > low ? pad * Math.log(high / low) : 0.35;
    return [Math.max(low * Math.exp(-margin), 1e-300), Math.min(high * Math.exp(margin), 1e300)];
  };

  // The label of a number of an axis: the program's own; with more digits, or in powers of ten, in the same form.
  const labelled = (x, figures, powers) => {
    if (figures === 3 && powers === HUGE) return page.engine.text.short(x);
    const size = Math.abs(x);
    if (!size) return "0";
    const plain = (v) => String(Number(v.toPrecision(figures)));
    if (size >= 0.001 && size < powers) {
      const [scale, letter] = SCALES.find(([from]) => Number(size.toPrecision(figures)) >= from) || [1, ""];
      return plain(x / scale) + letter;
    }
    const power = Math.floor(Math.log10(size) + 1e-12);
    const lead = plain(x / 10 ** power);
    return lead === "1" ? `10${page.raised(power)}` : `${lead}×10${page.raised(power)}`;
  };

  // The labels of ticks: with the digits that keep them apart and true.
  const labelsOf = (ticks, high) => {
    const powers = high >= HUGE ? 1e6 : HUGE;
    let labels = [];
    for (let figures = 3; figures < 16; figures += 1) {
      labels = ticks.map((tick) => labelled(tick, figures, powers));
      const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(ticks[0]);
      const exact = ticks.every((tick) => Math.abs(Number(tick.toPrecision(figures)) - tick) <= 1e-6 * step);
      if (exact && new Set(labels).size === labels.length) break;
    }
    return labels;
  };

  // Rows of ticks of a log axis, from many to few.
  const byDecades = (low, high) => {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const powers = [];
    for (let k = first; k <= last; k += 1) powers.push(k);
    const within = (list) => list.filter((x) => x >= low && x <= high);
    const rows = [];
    if (powers.length <= 2 * MOST) {
      for (const steps of STEPS) rows.push(within(powers.flatMap((k) => steps.map((s) => Number(`${s}e${k}`)))));
      if (high >= HUGE && rows[3].length >= 4) rows.unshift(rows[3]);
    }
    for (let stride = 2; stride <= last - first; stride += 1) {
      if (powers.length / stride > MOST + 1) continue;
      rows.push(within(powers.filter((k) => k % stride === 0).map((k) => Number(`1e${k}`))));
    }
    return rows;
  };

  // Rows of ticks at even steps, from many to few.
  const evenly = (low, high) => {
    const rows = [];
    for (const count of [8, 6, 5, 4, 3, 2, 1]) {
      const raw = (high - low) / count;
      const size = 10 ** Math.floor(Math.log10(raw));
      const step = [1, 2, 2.5, 5, 10].map((s) => s * size).find((s) => s >= raw * 0.999) || size * 10;
      const row = [];
      for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * (high - low); i += 1) {
        row.push(Number((i * step).toPrecision(12)));
      }
      rows.push(row);
    }
    return rows;
  };

  // Where the labels of ticks stand, kept within the ends; null where two would touch.
  const placed = (ticks, scale, { size, ends, vertical }) => {
    const labels = labelsOf(ticks, scale.high);
    const found = ticks.map((value, i) => {
      const half = vertical ? size / 2 : page.wide(labels[i], size) / 2;
      const at = scale.at(value);
      return { value, label: labels[i], at, half, x: Math.min(Math.max(at, ends[0] + half), ends[1] - half) };
    });
    const sorted = [...found].sort((a, b) => a.x - b.x);
    const gap = vertical ? 0.6 * size : 0.9 * size;
    const clear = sorted.every((t, i) => !i || t.x - t.half >= sorted[i - 1].x + sorted[i - 1].half + gap);
    return clear && new Set(labels).size === labels.length ? found : null;
  };

  const known = new Map();

  // The ticks of an axis whose labels keep clear of one another: [{value, label, at, x}].
  page.ticks = (scale, given) => {
    const { log, low, high, from, to } = scale;
    const key = [log, low, high, from, to, given.size, ...given.ends, given.vertical].join();
    if (known.has(key)) return known.get(key);
    const tried = scale.log ? [...byDecades(scale.low, scale.high), ...evenly(scale.low, scale.high)]
      : evenly(scale.low, scale.high);
    let best = [];
    for (const ticks of tried) {
      if (!ticks.length || ticks.length > MOST) continue;
      const fits = placed(ticks, scale, given);
      if (fits && fits.length > best.length) best = fits;
      if (best.length >= 2) break;
    }
    if (known.size > 400) known.clear();
    known.set(key, best);
    return best;
  };

  // The marks of a horizontal axis: grid lines from top to foot, and labels beneath.
  page.axis = (scale, { top, foot, width, size = 12, gap = 5 }) => {
    const marks = [];
    page.ticks(scale, { size, ends: [1, width - 1], vertical: false }).forEach((tick, i) => {
      marks.push({
        id: `grid${i}`, tag: "line", x1: tick.at, x2: tick.at, y1: top, y2: foot + 4,
        stroke: "var(--grid)", "stroke-width": 1,
      });
      marks.push({
        id: `tick${i}`, tag: "text", x: tick.x, y: foot + gap + size, "text-anchor": "middle", "font-size": size,
        fill: "var(--muted)", text: tick.label,
      });
    });
    marks.push({
      id: "axis", tag: "line", x1: scale.from, x2: scale.to, y1: foot, y2: foot, stroke: "var(--muted)",
      "stroke-width": 1,
    });
    return marks;
  };

  // The marks of a vertical axis, its labels right of `left` above their grid lines.
  page.verticalAxis = (scale, { left, right, labels, size = 12 }) => {
    const ends = [Math.min(scale.from, scale.to) - 2, Math.max(scale.from, scale.to) + 2];
    const ticks = labels || page.ticks(scale, { size, ends, vertical: true });
    return ticks.flatMap((tick, i) => [
      {
        id: `gridy${i}`, tag: "line", x1: left, x2: right, y1: scale.at(tick.value), y2: scale.at(tick.value),
        stroke: "var(--grid)", "stroke-width": 1,
      },
      {
        id: `ticky${i}`, tag: "text", x: left - 6, y: scale.at(tick.value) + 0.35 * size, "text-anchor": "end",
        "font-size": size, fill: "var(--muted)", text: tick.label,
      },
    ]);
  };

  // The room left of a vertical axis that its labels need.
  page.axisRoom = (scale, size = 12) => {
    const ends = [Math.min(scale.from, scale.to) - 2, Math.max(scale.from, scale.to) + 2];
    const labels = page.ticks(scale, { size, ends, vertical: true }).map((tick) => page.wide(tick.label, size));
    return Math.ceil(Math.max(24, ...labels)) + 12;
  };

  // The path of a line through points; values that are not finite break it.
  page.line = (x, y, across, up) => {
    let path = "";
    let pen = "M";
    for (let i = 0; i < x.length; i += 1) {
      const [a, b] = [across.at(x[i]), up.at(y[i])];
      if (!Number.isFinite(a) || !Number.isFinite(b)) {
        pen = "M";
        continue;
      }
      path += `${pen}${round(a)} ${round(b)}`;
      pen = "L";
    }
    return path || "M0 0";
  };

  // The path of the area under a curve between two values of x.
  page.area = (x, y, across, up, from = -Infinity, to = Infinity) => {
    const foot = round(up.at(0));
    let [path, first, last] = ["", null, 0];
    for (let i = 0; i < x.length; i += 1) {
      if (x[i] < from || x[i] > to) continue;
      const a = round(across.at(x[i]));
      if (!Number.isFinite(a)) continue;
      if (first === null) first = a;
      path += `L${a} ${round(up.at(y[i]))}`;
      last = a;
    }
    return first === null ? "M0 0" : `M${first} ${foot}${path}L${last} ${foot}Z`;
  };

  // The path of a band between two lines over the same x.
  page.band = (x, low, high, across, up) => {
    const points = [];
    for (let i = 0; i < x.length; i += 1) points.push(`${round(across.at(x[i]))} ${round(up.at(high[i]))}`);
    for (let i = x.length - 1; i >= 0; i -= 1) points.push(`${round(across.at(x[i]))} ${round(up.at(low[i]))}`);
    return points.length ? `M${points.join("L")}Z` : "M0 0";
  };

  // The height of a curve at x, between its points.
  page.heightAt = (curve, x) => {
    const [xs, ys] = [curve.x, curve.y];
    if (!xs.length || x < xs[0] || x > xs[xs.length - 1]) return 0;
    let [a, b] = [0, xs.length - 1];
    while (b - a > 1) {
      const middle = (a + b) >> 1;
      if (xs[middle] <= x) a = middle;
      else b = middle;
    }
    const part = xs[b] > xs[a] ? (x - xs[a]) / (xs[b] - xs[a]) : 0;
    return ys[a] + part * (ys[b] - ys[a]);
  };

  // Values that have a probability of their own: stems from the foot, the likeliest to the top, and their percents.
  page.stems = (atoms, scale, [foot, top], prefix, color, labelled = false) => {
    const most = Math.max(...atoms.map((atom) => atom[1]), 0);
    const taken = [];
    const clear = (x) => taken.every((other) => Math.abs(other - x) > 44);
    const labels = new Set([...atoms].sort((a, b) => b[1] - a[1]).filter(([value]) => {
      const x = scale.at(value);
      return labelled && Number.isFinite(x) && clear(x) && taken.push(x);
    }));
    return atoms.filter(([value]) => Number.isFinite(scale.at(value))).flatMap(([value, p], i) => {
      const [x, y] = [scale.at(value), foot - (foot - top) * (p / most)];
      const marks = [
        { id: `${prefix}l${i}`, tag: "line", x1: x, x2: x, y1: foot, y2: y, stroke: color, "stroke-width": 2.4 },
        { id: `${prefix}c${i}`, tag: "circle", cx: x, cy: y, r: 3, fill: color },
      ];
      if (atoms.length > 1 && labels.has(atoms.find((atom) => atom[0] === value))) {
        marks.push({
          id: `${prefix}t${i}`, tag: "text", x: Math.min(Math.max(x, 24), scale.to - 10), y: y - 8, fill: "var(--ink)",
          "text-anchor": "middle", "font-size": 12, text: page.percent(p),
        });
      }
      return marks;
    });
  };

  // The largest value of an array.
  page.largest = (values) => {
    let most = 0;
    for (const value of values) if (value > most && value < Infinity) most = value;
    return most;
  };
})();
