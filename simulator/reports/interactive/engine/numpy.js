// Arrays of floats and of truth values: as much of NumPy as translated modules call, with its shapes and names.
class $Array {
  constructor(data, shape, bool = false) { this.data = data; this.shape = shape; this.bool = bool; }
  get length() { if (!this.shape.length) throw $raised($py.TypeError, "no length"); return this.shape[0]; }
  get size() { return this.data.length; }
  get ndim() { return this.shape.length; }
  get flags() { return {}; }
  get dtype() { return this.bool ? "bool" : "float64"; }
  get T() { return this.shape.length < 2 ? this : $np.transpose(this); }
  item() { if (this.data.length !== 1) throw $raised($py.ValueError, "not one value"); return this.bool ? !!this.data[0] : this.data[0]; }
  valueOf() { return this.item(); }
  one(i) { return this.bool ? !!this.data[i] : this.data[i]; }
  row(i) {
    const inner = this.shape.slice(1), n = inner.reduce((a, b) => a * b, 1);
    return inner.length ? new $Array(this.data.slice(i * n, (i + 1) * n), inner, this.bool) : this.one(i);
  }
  *[Symbol.iterator]() { for (let i = 0; i < this.shape[0]; i++) yield this.row(i); }
  tolist() { return this.ndim ? [...this].map((x) => x instanceof $Array ? x.tolist() : x) : this.item(); }
  get(i) {
    const found = $np.taken(this, i);
    return found.shape.length ? found : found.scalar ? found.item() : found;
  }
  put(i, v) { $np.stored(this, i, v); }
  reshape(...shape) {
    shape = (Array.isArray(shape[0]) ? shape[0] : shape).map((n) => +n);
    const known = shape.filter((n) => n >= 0).reduce((a, b) => a * b, 1);
    return new $Array(this.data, shape.map((n) => n < 0 ? this.size / known : n), this.bool);
  }
  ravel() { return new $Array(this.data, [this.size], this.bool); }
  astype(kind) { return kind === $py.bool ? $np.asarray([...this.data].map((x) => !!x)) : kind === "int32"
    ? new $Array(Float64Array.from(this.data, Math.trunc), this.shape) : new $Array(Float64Array.from(this.data), this.shape); }
  copy() { return new $Array(this.data.slice(), this.shape, this.bool); }
  any() { return this.data.some((x) => x); }
  all() { return this.data.every((x) => x); }
  sum(w) { return $np.sum(this, w); }
  mean(w) { return $np.mean(this, w); }
  std(w = {}) { const m = this.mean(), d = [...this.data].map((x) => (x - m) ** 2); return Math.sqrt(d.reduce((a, b) => a + b, 0) / (d.length - (w.ddof || 0))); }
  max() { return this.data.reduce((a, b) => (a > b || a !== a ? a : b)); }
  min() { return this.data.reduce((a, b) => (a < b || a !== a ? a : b)); }
  searchsorted(v, w) { return $np.searchsorted(this, v, w); }
}

const $size = (shape) => shape.reduce((a, b) => a * b, 1);
const $scalar = (x) => new $Array(typeof x === "boolean" ? Uint8Array.of(x) : Float64Array.of(x), [], typeof x === "boolean");
const $asarray = (x) => {
  if (x instanceof $Array) return x;
  if (typeof x === "number" || typeof x === "boolean") return $scalar(x);
  const items = $list(x);
  if (items.length && items.every((v) => typeof v === "number")) return new $Array(new Float64Array(items), [items.length]);
  const parts = items.map($asarray);
  if (!parts.length) return new $Array(new Float64Array(0), [0]);
  const bool = parts.every((p) => p.bool), inner = parts[0].shape, n = parts[0].size;
  const data = new (bool ? Uint8Array : Float64Array)(n * parts.length);
  parts.forEach((p, i) => data.set(p.data, i * n));
  return new $Array(data, [parts.length, ...inner], bool);
};

const $together = (a, b) => { // the shape of two arrays broadcast
  if (a === b || (a.length === b.length && a.every((n, i) => n === b[i]))) return a;
  const n = Math.max(a.length, b.length), shape = [];
  for (let i = 0; i < n; i++) {
    const x = a[a.length - n + i] ?? 1, y = b[b.length - n + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw $raised($py.ValueError, `shapes (${a}) and (${b})`);
    shape.push(x === 1 ? y : x);
  }
  return shape;
};
const $spread = (a, shape) => { // the data of an array in a larger shape
  const total = $size(shape);
  if (a.size === total || a.size === 1) return a.data;
  if (shape.length === 2 && (a.ndim === 1 || (a.shape[0] === shape[0] && a.shape[1] === 1))) {
    const [rows, columns] = shape, d = a.data, wide = new d.constructor(total);
    if (a.ndim === 1) for (let r = 0; r < rows; r++) wide.set(d, r * columns);
    else for (let r = 0; r < rows; r++) wide.fill(d[r], r * columns, (r + 1) * columns);
    return wide;
  }
  const made = new a.data.constructor(total), strides = [], n = shape.length;
  let step = 1;
  for (let i = n - 1; i >= 0; i--) {
    const own = a.shape[a.shape.length - n + i] ?? 1;
    strides[i] = own === 1 ? 0 : step;
    step *= own;
  }
  const at = new Array(n).fill(0);
  for (let k = 0, place = 0; k < total; k++) {
    made[k] = a.data[place];
    for (let i = n - 1; i >= 0; i--) {
      at[i]++; place += strides[i];
      if (at[i] < shape[i]) break;
      place -= strides[i] * shape[i]; at[i] = 0;
    }
  }
  return made;
};

//loops

const $np = (() => {
  const asarray = $asarray, size = $size, together = $together, spread = $spread;
  const plain = (a) => a.shape.length ? a : a.item(), wrapped = (x) => x;
  // A function of one number, over arrays.
  const unary = (f, bool = false) => (x) => {
    if (typeof x === "number" || typeof x === "boolean") return bool ? !!f(+x) : f(+x);
    const a = asarray(x), p = a.data, n = p.length, made = new (bool ? Uint8Array : Float64Array)(n);
    for (let i = 0; i < n; i++) made[i] = f(p[i]);
    return a.ndim ? new $Array(made, a.shape, bool) : bool ? !!made[0] : made[0];
  };
  const { maximum, minimum } = $loops;
  const clip = (x, low, high) => {
    const a = low === null ? x : maximum(x, low);
    return high === null ? a : minimum(a, high);
  };
  const where = (test, x, y) => {
    const c = asarray(test), a = asarray(x), b = asarray(y), shape = together(together(c.shape, a.shape), b.shape);
    const n = size(shape), bool = a.bool && b.bool, made = new (bool ? Uint8Array : Float64Array)(n);
    const t = c.size === 1 ? new Uint8Array(n).fill(+!!c.data[0]) : spread(c, shape), p = a.size === 1 ? null : spread(a, shape), q = b.size === 1 ? null : spread(b, shape);
    const u = a.data[0], v = b.data[0];
    for (let i = 0; i < n; i++) made[i] = t[i] ? (p ? p[i] : u) : (q ? q[i] : v);
    return plain(new $Array(made, shape, bool));
  };

  // Places: an index, a slice, a new axis, a mask or a list of places, or several of them for the axes.
  const chosen = (i, n) => i instanceof $Slice ? $ends(i, n) : i instanceof $Array || Array.isArray(i)
    ? places(asarray(i), n) : null;
  const places = (i, n) => {
    const d = i.data, found = [];
    if (i.bool) { for (let k = 0; k < d.length; k++) if (d[k]) found.push(k); return found; }
    for (let k = 0; k < d.length; k++) found.push(d[k] < 0 ? d[k] + n : d[k]);
    return found;
  };
  const taken = (a, index) => {
    if (index instanceof $Slice && a.ndim === 1) {
      const n = a.data.length, whole = index.start === null && index.stop === null;
      if (index.step === 1) {
        const from = index.start === null ? 0 : index.start, to = index.stop === null ? n : index.stop;
        const part = a.data.slice(from, to);
        return new $Array(part, [part.length], a.bool);
      }
      if (index.step === -1 && whole) return new $Array(a.data.slice().reverse(), [n], a.bool);
    }
    if (index instanceof $Places && a.ndim === 1 && index.length === 2 && index[1] === null && index[0] instanceof $Slice
      && index[0].start === null && index[0].stop === null && index[0].step === 1) return new $Array(a.data, [a.data.length, 1], a.bool);
    if (index instanceof $Array && index.bool && index.ndim === a.ndim) return gathered(a, places(index, 0), null);
    if (index instanceof $Array && a.ndim === 1) return gathered(a, places(index, a.shape[0]), index.bool ? null : index.shape);
    if (Array.isArray(index) && !(index instanceof $Places) && !index.grid) return taken(a, asarray(index));
    let parts = Array.isArray(index) ? [...index] : [index];
    parts.grid = index.grid;
    if (parts.grid) return grid(a, parts);
    const used = parts.filter((p) => p !== null && p !== $ellipsis).length, gap = Array(a.ndim - used).fill($slice(null, null, null));
    parts = parts.includes($ellipsis) ? parts.flatMap((p) => p === $ellipsis ? gap : [p]) : [...parts, ...gap];
    const shape = [], axes = [];
    let axis = 0;
    for (const p of parts) {
      if (p === null) { shape.push(1); continue; }
      const n = a.shape[axis], many = chosen(p, n);
      if (many) shape.push(many.length);
      const at = many || [p < 0 ? p + n : +p];
      if (!many && !(at[0] >= 0 && at[0] < n)) throw $raised($py.IndexError, "index out of range");
      axes.push(at);
      axis++;
    }
    const made = new a.data.constructor(axes.reduce((m, x) => m * x.length, 1)), strides = a.shape.map((_, k) => size(a.shape.slice(k + 1)));
    let k = 0;
    const walk = (d, place) => { if (d === axes.length) made[k++] = a.data[place]; else for (const j of axes[d]) walk(d + 1, place + j * strides[d]); };
    walk(0, 0);
    const found = new $Array(made, shape, a.bool);
    found.scalar = Array.isArray(index) ? index.length > 0 || !a.ndim : true;
    return found;
  };
  const gathered = (a, at, shape) => {
    const made = new a.data.constructor(at.length);
    for (let k = 0; k < at.length; k++) made[k] = a.data[at[k]];
    return new $Array(made, shape === null ? [at.length] : shape, a.bool);
  };
  const grid = (a, [rows, columns]) => asarray(rows.map((i) => columns.map((j) => a.data[i * a.shape[1] + j])));
  const stored = (a, index, value) => {
    const n = a.shape[0], inner = size(a.shape.slice(1));
    if (index instanceof $Places) {
      a.data[index.reduce((p, i, d) => p * a.shape[d] + (i < 0 ? i + a.shape[d] : i), 0)] = value instanceof $Array ? value.item() : value;
      return;
    }
    const many = index === $ellipsis ? [...Array(n).keys()] : typeof index === "number" ? [index < 0 ? index + n : index] : chosen(index, n);
    const v = asarray(value);
    many.forEach((p, k) => { for (let j = 0; j < inner; j++) a.data[p * inner + j] = v.size === 1 ? v.data[0] : v.data[k * inner + j]; });
  };

  // Sums, orders, searches.
  const reduced = (f) => (x, w = {}) => {
    const a = asarray(x);
    const axis = w instanceof $Words || w.axis !== undefined ? w.axis ?? null : typeof w === "number" ? w : null;
    if (axis === null || a.ndim === 1) return f(a.data);
    const d = axis < 0 ? axis + a.ndim : axis, shape = a.shape.filter((_, k) => k !== d);
    const inner = size(a.shape.slice(d + 1)), outer = size(a.shape.slice(0, d)), n = a.shape[d], made = new Float64Array(outer * inner);
    if (inner === 1) { for (let o = 0; o < outer; o++) made[o] = f(a.data.subarray(o * n, (o + 1) * n)); return new $Array(made, shape); }
    for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) {
      made[o * inner + i] = f(Float64Array.from({ length: n }, (_, k) => a.data[(o * n + k) * inner + i]));
    }
    return new $Array(made, shape);
  };
  const total = (v) => { let t = 0; for (let i = 0; i < v.length; i++) t += v[i]; return t; };
  const sum = reduced(total), mean = reduced((v) => total(v) / v.length);
  const argsort = (x) => { const d = asarray(x).data; return asarray([...d.keys()].sort((a, b) => d[a] - d[b] || a - b)); };
  const search = (d, v, right) => {
    let low = 0, high = d.length;
    while (low < high) { const m = (low + high) >> 1; if (right ? d[m] <= v : d[m] < v) low = m + 1; else high = m; }
    return low;
  };
  const searchsorted = (x, v, w = {}) => {
    const d = asarray(x).data, right = w.side === "right", a = asarray(v), q = a.data, made = new Float64Array(q.length);
    for (let i = 0; i < q.length; i++) made[i] = search(d, q[i], right);
    return plain(new $Array(made, a.shape));
  };
  const unique = (x, w = {}) => {
    const sorted = asarray(x).data.slice().sort(), values = sorted.filter((v, i) => !i || v !== sorted[i - 1]);
    const made = new $Array(values, [values.length]);
    return w.return_inverse ? [made, asarray(Array.from(asarray(x).data, (v) => search(values, v, false)))] : made;
  };
  const interp = (x, xp, fp) => {
    const p = asarray(xp).data, f = asarray(fp).data, n = p.length;
    return unary((v) => {
      if (!(v > p[0])) return f[0];
      if (v >= p[n - 1]) return f[n - 1];
      const i = search(p, v, true) - 1;
      return f[i] + (f[i + 1] - f[i]) / (p[i + 1] - p[i]) * (v - p[i]);
    })(x);
  };
  const linspace = (a, b, n = 50) => {
    const made = new Float64Array(n), step = (b - a) / (n - 1);
    for (let i = 0; i < n; i++) made[i] = i === n - 1 ? b : a + i * step;
    return new $Array(made, [n]);
  };
  const arange = (a, b, c = 1) => {
    const [from, to] = b === undefined ? [0, a] : [a, b];
    const made = new Float64Array(Math.max(Math.ceil((to - from) / c), 0));
    for (let i = 0; i < made.length; i++) made[i] = from + i * c;
    return new $Array(made, [made.length]);
  };
  const filled = (v) => (shape) => { const s = $list(typeof shape === "number" ? [shape] : shape); return new $Array(new Float64Array(size(s)).fill(v), s); };
  const like = (v) => (x) => filled(v)(asarray(x).shape);
  const cumsum = (x) => { let t = 0; return new $Array(Float64Array.from(asarray(x).data, (v) => (t += v)), asarray(x).shape); };
  const diff = (x) => { const d = asarray(x).data; return new $Array(Float64Array.from({ length: d.length - 1 }, (_, i) => d[i + 1] - d[i]), [d.length - 1]); };
  const concatenate = (xs) => {
    const parts = $list(xs).map(asarray), data = new Float64Array(parts.reduce((n, p) => n + p.size, 0));
    let at = 0;
    for (const p of parts) { data.set(p.data, at); at += p.size; }
    return new $Array(data, [data.length], parts.every((p) => p.bool) && parts.length > 0);
  };
  const polyval = (p, x) => {
    const c = Float64Array.from($list(p).map(Number)), a = asarray(x), d = a.data, n = d.length, made = new Float64Array(n);
    for (let i = 0; i < n; i++) { let r = 0; for (let k = 0; k < c.length; k++) r = r * d[i] + c[k]; made[i] = r; }
    return plain(new $Array(made, a.shape));
  };
  const polyder = (p) => { const c = $list(p); return asarray(c.slice(0, -1).map((v, i) => v * (c.length - 1 - i))); };
  const transpose = (a) => asarray(Array.from({ length: a.shape[1] }, (_, j) => Array.from({ length: a.shape[0] }, (_, i) => a.data[i * a.shape[1] + j])));
  const matmul = (x, y) => {
    const a = asarray(x), b = asarray(y), n = a.shape[a.ndim - 1], rows = a.size / n, columns = b.ndim > 1 ? b.shape[1] : 1;
    const made = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
      let t = 0;
      for (let k = 0; k < n; k++) t += a.data[i * n + k] * b.data[k * columns + j];
      made[i * columns + j] = t;
    }
    return plain(new $Array(made, [...a.shape.slice(0, -1), ...(b.ndim > 1 ? [columns] : [])]));
  };
  const bincount = (x, w = {}) => {
    const at = asarray(x).data, weights = w.weights ? asarray(w.weights).data : null;
    const made = new Float64Array(Math.max(w.minlength || 0, ...Array.from(at, (v) => v + 1), 0));
    at.forEach((v, i) => { made[v] += weights ? weights[i] : 1; });
    return new $Array(made, [made.length]);
  };
  const best = (better) => (x) => asarray(x).data.reduce((b, v, i, d) => better(v, d[b]) ? i : b, 0);
  const nextafter = (x, y) => unary((a) => { // the smallest step from a float towards another
    const b = asarray(y).data[0];
    if (a === b || a !== a) return b;
    const f = new Float64Array([a]), bits = new BigInt64Array(f.buffer);
    if (a === 0) return b > 0 ? 5e-324 : -5e-324;
    bits[0] += (b > a) === (a > 0) ? 1n : -1n;
    return f[0];
  })(x);
  return { ...$loops, asarray, array: asarray, wrapped, taken, stored, where, clip, sum, mean, argsort, searchsorted, unique, interp,
    linspace, arange, cumsum, diff, concatenate, polyval, polyder, transpose, matmul, bincount, nextafter, plain, unary,
    invert: (x) => asarray(x).bool ? unary((a) => !a, true)(x) : unary((a) => -1 - a)(x),
    zeros: filled(0), ones: filled(1), empty: filled(0), full: (s, v) => filled(v)(s), zeros_like: like(0), ones_like: like(1), empty_like: like(0),
    eye: (n) => asarray(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j)))),
    any: (x) => asarray(x).data.some((v) => v), all: (x) => asarray(x).data.every((v) => v), max: (x) => asarray(x).max(), min: (x) => asarray(x).min(),
    argmax: best((a, b) => a > b), argmin: best((a, b) => a < b),
    flatnonzero: (x) => { const d = asarray(x).data, found = []; for (let i = 0; i < d.length; i++) if (d[i]) found.push(i); return asarray(found); },
    atleast_1d: (x) => { const a = asarray(x); return a.ndim ? a : new $Array(a.data, [1], a.bool); }, shape: (x) => asarray(x).shape,
    broadcast_shapes: (...shapes) => shapes.reduce(together, []), ndim: (x) => asarray(x).ndim,
    ix_: (a, b) => Object.assign([$list(a), $list(b)], { grid: true }),
    outer: (a, b) => asarray([...asarray(a).data].map((x) => [...asarray(b).data].map((y) => x * y))),
    diag: (a) => asarray(Array.from({ length: a.shape[0] }, (_, i) => a.data[i * a.shape[0] + i])),
    fill_diagonal: (a, v) => { for (let i = 0; i < a.shape[0]; i++) a.data[i * a.shape[1] + i] = v; return null; },
    sort: (x) => new $Array(asarray(x).data.slice().sort(), asarray(x).shape),
    inf: Infinity, nan: NaN, pi: Math.PI, float64: (x) => asarray(x), int32: "int32", ndarray: $Array, finfo: () => ({ max: Number.MAX_VALUE, eps: 2 ** -52 }) };
})();
