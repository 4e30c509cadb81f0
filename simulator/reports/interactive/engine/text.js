// Texts, numbers as texts, regular expressions and the built-in functions of Python.
const $digits = (x) => { // the shortest digits of a float and its power of ten
  const [m, e] = Math.abs(x).toExponential().split("e");
  return [m.replace(".", ""), +e];
};
const $float_text = (x) => {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "", [d, e] = $digits(x);
  if (e < -4 || e >= 16) {
    return `${sign}${d[0]}${d.length > 1 ? "." + d.slice(1) : ""}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  }
  if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${d}`;
  const whole = d.slice(0, e + 1).padEnd(e + 1, "0"), part = d.slice(e + 1);
  return `${sign}${whole}.${part || "0"}`;
};
const $quoted = (s) => {
  const q = s.includes("'") && !s.includes('"') ? '"' : "'";
  return q + s.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\t/g, "\\t").replace(/\r/g, "\\r").split(q).join(`\\${q}`) + q;
};
const $repr = (x) => typeof x === "number" ? $float_text(x) : typeof x === "string" ? $quoted(x) : $str(x);
const $str = (x) => typeof x === "string" ? x : typeof x === "number" ? (Number.isInteger(x) && Math.abs(x) < 1e16 ? String(x) : $float_text(x))
  : x === null || x === undefined ? "None" : x === true ? "True" : x === false ? "False"
  : x instanceof $Array ? $str(x.ndim ? x.tolist() : x.item()) : Array.isArray(x) ? `[${x.map($repr).join(", ")}]`
  : x.lines ? x.lines.join("\n") : x.args ? x.args.map($str).join(", ") : x.$type ? x.$type.__name__ : String(x);
const $join = (parts) => parts.map($str).join("");
const $grouped = (text) => { const [w, p] = text.split("."); return w.replace(/\B(?=(\d{3})+$)/g, ",") + (p === undefined ? "" : "." + p); };
const $fixed = (x, n) => Math.abs(x) < 1e21 ? x.toFixed(Math.min(n, 100)) : BigInt(x).toString() + (n ? "." + "0".repeat(n) : "");
const $general = (x, precision) => {
  if (!Number.isFinite(x)) return $float_text(x);
  const p = precision || 1, [m, e] = x.toExponential(p - 1).split("e"), power = +e;
  const trimmed = (s) => s.includes(".") ? s.replace(/0+$/, "").replace(/\.$/, "") : s;
  if (power < -4 || power >= p) return `${trimmed(m)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return trimmed(x.toFixed(Math.max(p - 1 - power, 0)));
};
const $format = (x, spec) => {
  if (x instanceof $Array) x = x.item();
  if (!spec) return $str(x);
  const [, comma, dot, digits, kind] = /^(,)?(\.(\d+))?([gfde])?$/.exec(spec) || [];
  if (typeof x !== "number") return $str(x);
  const made = kind === "g" || (dot && !kind) ? $general(x, dot ? +digits : 6) : kind === "f" ? (Number.isFinite(x) ? $fixed(x, dot ? +digits : 6) : $float_text(x)) : $str(x);
  return comma ? made.replace(/^(-?)([\d.]+)/, (_, s, n) => s + $grouped(n)) : made;
};
const $parsed = (s) => {
  if (typeof s !== "string") return s instanceof $Array ? s.item() : +s;
  const t = s.trim().replace(/(?<=\d)_(?=\d)/g, "");
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(t)) return Number(t);
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(t);
  if (!word) throw $raised($py.ValueError, `could not convert string to float: ${$repr(s)}`);
  return word[2].toLowerCase() === "nan" ? NaN : word[1] === "-" ? -Infinity : Infinity;
};
const $rounded = (x, n = 0) => {
  if (!Number.isFinite(x)) return x;
  const even = (y) => { const r = Math.round(y); return Math.abs(y % 1) === 0.5 && r % 2 ? r - 1 : r; };
  if (n === 0) return even(x);
  return n > 0 ? Number(x.toFixed(Math.min(n, 100))) : even(x / 10 ** -n) * 10 ** -n;
};

// Regular expressions: a pattern of Python as one of JavaScript.
const $pattern = (p, flags) => {
  let s = p;
  if (flags & 1) s = s.replace(/\\#/g, "\\x23").replace(/(^|[^\\])#[^\n]*/g, "$1").replace(/(\[(?:\\.|[^\]\\])*\])|\\ |\s+/g, (m, c) => c || (m === "\\ " ? " " : ""));
  s = s.replace(/\(\?P</g, "(?<").replace(/([*+?}])\+/g, "$1").replace(/\[\^\\W\\d\]/g, "[\\p{L}_]").replace(/\\#/g, "#").replace(/\\%/g, "%").replace(/\\-/g, "-");
  return new RegExp(s, `dy${flags & 2 ? "s" : ""}u`);
};
class $Match {
  constructor(m) {
    this.m = m;
    const names = m.groups ? Object.keys(m.groups).filter((n) => m.groups[n] !== undefined) : [];
    this.lastgroup = names.length ? names[names.length - 1] : null;
  }
  group(i = 0) { const v = typeof i === "string" ? this.m.groups[i] : this.m[i]; return v === undefined ? null : v; }
  groups() { return [...this.m].slice(1).map((v) => v === undefined ? null : v); }
  start() { return this.m.indices[0][0]; }
  end() { return this.m.indices[0][1]; }
  __getitem__(i) { return this.group(i); }
}
class $Pattern {
  constructor(p, flags = 0) { this.text = p; this.sticky = $pattern(p, flags); }
  loose(flags = "d") { return new RegExp(this.sticky.source, flags + this.sticky.flags.replace(/[dyg]/g, "")); }
  match(s, at = 0) { this.sticky.lastIndex = at; const m = this.sticky.exec(s); return m ? new $Match(m) : null; }
  fullmatch(s) { const m = new RegExp(`^(?:${this.sticky.source})$`, "d" + this.sticky.flags.replace(/[dyg]/g, "")).exec(s); return m ? new $Match(m) : null; }
  search(s) { const m = this.loose().exec(s); return m ? new $Match(m) : null; }
  sub(by, s) { return s.replace(this.loose("dg"), typeof by === "string" ? by : (...a) => by(new $Match(this.loose().exec(a[0])))); }
  split(s) { return s.split(this.loose("g")); }
  findall(s) { return s.match(this.loose("g")) || []; }
}

const $printable = (c) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(c) && (c === " " || !/\s/.test(c));
const $texts = {
  strip: (s, c) => c ? $texts.lstrip($texts.rstrip(s, c), c) : s.trim(),
  lstrip: (s, c) => { let i = 0; while (i < s.length && (c ? c.includes(s[i]) : /\s/.test(s[i]))) i++; return s.slice(i); },
  rstrip: (s, c) => { let i = s.length; while (i && (c ? c.includes(s[i - 1]) : /\s/.test(s[i - 1]))) i--; return s.slice(0, i); },
  lower: (s) => s.toLowerCase(), upper: (s) => s.toUpperCase(), casefold: (s) => s.toLowerCase(),
  split: (s, sep) => sep ? s.split(sep) : s.trim().split(/\s+/).filter(Boolean),
  join: (s, x) => $list(x).join(s),
  startswith: (s, x) => $list(Array.isArray(x) ? x : [x]).some((y) => s.startsWith(y)),
  endswith: (s, x) => $list(Array.isArray(x) ? x : [x]).some((y) => s.endsWith(y)),
  replace: (s, a, b) => s.split(a).join(b),
  removesuffix: (s, x) => x && s.endsWith(x) ? s.slice(0, -x.length) : s,
  removeprefix: (s, x) => s.startsWith(x) ? s.slice(x.length) : s,
  partition: (s, x) => { const i = s.indexOf(x); return i < 0 ? [s, "", ""] : [s.slice(0, i), x, s.slice(i + x.length)]; },
  isprintable: (s) => [...s].every($printable), isspace: (s) => /^\s+$/.test(s),
  isascii: (s) => /^[\x00-\x7f]*$/.test(s), isdecimal: (s) => /^\p{Nd}+$/u.test(s), isdigit: (s) => /^\p{Nd}+$/u.test(s),
  isalpha: (s) => /^\p{L}+$/u.test(s), isalnum: (s) => /^[\p{L}\p{N}]+$/u.test(s),
  count: (s, x) => s.split(x).length - 1, find: (s, x) => s.indexOf(x),
  ljust: (s, n) => s.padEnd(n), rjust: (s, n) => s.padStart(n),
  translate: (s, table) => [...s].map((c) => table.has(c) ? table.at(c) : c).join(""),
  format: (s, ...values) => { let i = 0; return s.replace(/\{\}/g, () => $str(values[i++])); },
};
const $lists = {
  append: (x, v) => { x.push(v); return null; }, extend: (x, v) => { x.push(...$it(v)); return null; },
  index: (x, v) => x.findIndex((y) => $same(y, v)), count: (x, v) => x.filter((y) => $same(y, v)).length,
  sort: (x, w = {}) => { x.splice(0, x.length, ...$sorted(x, w)); return null; },
  copy: (x) => [...x], pop: (x) => x.pop(), insert: (x, i, v) => { x.splice(i, 0, v); return null; },
};
const $sorted = (x, w = {}) => {
  const key = w.key || ((y) => y), sign = w.reverse ? -1 : 1;
  return [...$it(x)].map((v, i) => [key(v), i, v]).sort((a, b) => sign * $order(a[0], b[0]) || a[1] - b[1]).map((e) => e[2]);
};
const $extreme = (sign) => (...args) => {
  const w = args[args.length - 1] instanceof $Words ? args.pop() : {};
  const values = args.length === 1 ? $list(args[0]) : args, key = w.key || ((y) => y);
  if (!values.length) { if ("default" in w) return w.default; throw $raised($py.ValueError, "empty"); }
  return values.reduce((a, b) => sign * $order(key(b), key(a)) > 0 ? b : a);
};
