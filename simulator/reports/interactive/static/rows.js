(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const ROW = 40;
  const TOP = 8;

  // A bar of a row, between two values.
  page.bar = (from, to, color, more = {}) => ({ kind: "bar", from, to, color, ...more });

  // A dot of a row.
  page.dot = (at, color) => ({ kind: "dot", at, color });

  // How high a figure of so many rows is.
  page.rowsHeight = (count) => TOP + count * ROW + 26;

  // The marks of rows, each a name and a number above its bars: `rows` are {key, name, value, parts}.
  page.rowMarks = (width, rows, scale, reference) => {
    const foot = TOP + rows.length * ROW;
    const marks = page.axis(scale, { top: TOP, foot, width });
    const seen = reference !== undefined && Number.isFinite(scale.at(reference));
    if (seen && reference >= scale.low && reference <= scale.high) {
      const x = scale.at(reference);
      marks.push({
        id: "reference", tag: "line", x1: x, x2: x, y1: TOP, y2: foot, stroke: "var(--muted)", "stroke-width": 1,
        "stroke-dasharray": "3 3",
      });
    }
    rows.forEach((row, i) => marks.push(...oneRow(row, TOP + i * ROW, width, scale)));
    return marks;
  };

  // The marks of one row.
  const oneRow = (row, top, width, scale) => {
    const right = page.wide(row.value, 12);
    const marks = row.parts.map((part, i) => (part.kind === "dot" ? {
      id: `${row.key} d${i}`, tag: "circle", cx: within(part.at, scale), cy: top + 28, r: 5, fill: "var(--background)",
      stroke: part.color, "stroke-width": 2,
    } : barMark(`${row.key} b${i}`, part, top, scale)));
    marks.push({
      id: `${row.key} n`, tag: "text", x: 1, y: top + 15, "font-size": 12.5, fill: "var(--ink)",
      text: page.clipped(row.name, 12.5, width - right - 14), "paint-order": "stroke", stroke: "var(--background)",
      "stroke-width": 3,
    }, {
      id: `${row.key} v`, tag: "text", x: width - 1, y: top + 15, "font-size": 12, "text-anchor": "end",
      fill: "var(--muted)", text: row.value, "paint-order": "stroke", stroke: "var(--background)", "stroke-width": 3,
    });
    return marks;
  };

  // A place on the scale, kept within the picture.
  const within = (x, scale) => {
    const at = scale.at(x);
    if (Number.isNaN(at)) return scale.from;
    return Math.min(Math.max(at, scale.from), scale.to);
  };

  // A bar, at least a pixel and a half wide.
  const barMark = (id, part, top, scale) => {
    const [a, b] = [within(part.from, scale), within(part.to, scale)];
    const thin = part.thin ? 4 : 11;
    return {
      id, tag: "rect", x: Math.min(a, b), y: top + 28 - thin / 2, width: Math.max(Math.abs(b - a), 1.5), height: thin,
      rx: 1.5, fill: part.color, "fill-opacity": part.opacity || 1,
    };
  };
})();
