// Curves: densities of priors (exact) and of quantities (from their draws), and exceedance.
const $grid = (from, to, n) => Float64Array.from({ length: n }, (_, i) => from + (to - from) * i / (n - 1));

// A quantile of a prior: as it is written, where it is.
const $quantile = (distribution, p) => {
  const written = new RegExp(`^\\w+\\([^()]*\\bp${Math.round(100 * p)}=([\\d.e+-]+)[,)]`).exec(distribution.text);
  return written && $TWO.has(distribution.text.split("(")[0]) ? Number(written[1]) : distribution.quantile(p);
};

// The density of a prior along its normal score: for each point the probability between its neighbours over their distance.
$World.prototype.priorCurve = function (name) {
  const { distribution } = this.prior(name);
  return this.engine.curves.of(`${name}\0${distribution.text}`, () => {
    if (distribution.rv === null) {
      const v = distribution.value;
      return { log: v > 0, x: new Float64Array(0), y: new Float64Array(0), atoms: [[v, 1]], quantiles: { p5: v, p50: v, p95: v } };
    }
    const { rv } = distribution, z = $grid(-3.6, 3.6, 161), q = (p) => $quantile(distribution, p);
    const at = (half, high) => [...$np.asarray(rv.ppf_fast($np.asarray(half.map((v) => $py.scipy.special.ndtr(-Math.abs(v)))), high)).data];
    const low = [...z].filter((v) => v < 0), x = Float64Array.from([...at(low, false), ...at([...z].slice(low.length), true)]);
    const quantiles = { p5: q(0.05), p50: q(0.5), p95: q(0.95) }, log = rv.support[0] >= 0 && quantiles.p5 > 0 && quantiles.p95 > 3 * quantiles.p5;
    const t = log ? x.map(Math.log) : x, kept = [[], []];
    const jumps = new Set($list(rv.atoms())); // beside a point mass nothing is told of the density
    for (let i = 1; i < z.length - 1; i++) {
      const width = t[i + 1] - t[i - 1];
      if (!(width > 0) || !Number.isFinite(width) || [i - 1, i, i + 1].some((k) => jumps.has(x[k]))) continue;
      kept[0].push(x[i]);
      kept[1].push((z[i + 1] - z[i - 1]) / width * Math.exp(-z[i] * z[i] / 2) / Math.sqrt(2 * Math.PI));
    }
    const most = [...kept[1]].sort((a, b) => a - b)[Math.floor(kept[1].length * 0.9)] * 3 || 1;
    const atoms = $list(rv.atoms()).map((v) => [v, +rv.atom(v)]).filter((a) => a[1] > 0);
    return { log, x: Float64Array.from(kept[0]), y: Float64Array.from(kept[1], (v) => Math.min(v, most)), atoms, quantiles };
  });
};

// Values that many draws share, and the draws that are left.
const $atoms = (sorted) => {
  const n = sorted.length, least = Math.ceil(Math.max(n * 0.005, 20)), atoms = [], left = [];
  let any = n < least;
  for (let i = 0; i + least <= n && !any; i++) any = sorted[i] === sorted[i + least - 1];
  if (!any) return [atoms, sorted];
  for (let i = 0; i < n;) {
    let j = i;
    while (j < n && sorted[j] === sorted[i]) j++;
    if (j - i >= least) atoms.push([sorted[i], (j - i) / n]); else for (let k = i; k < j; k++) left.push(sorted[k]);
    i = j;
  }
  return [atoms, Float64Array.from(left)];
};
// A kernel density over places along an axis, counted into cells first.
const $kernel = (t, share) => {
  const n = t.length, at = (p) => $Sample.at(t, p), mean = t.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(t.reduce((a, b) => a + (b - mean) ** 2, 0) / n), spread = Math.min(sd, (at(0.75) - at(0.25)) / 1.349) || sd || 1e-9 * Math.max(Math.abs(mean), 1e-300);
  const h = 0.95 * spread * n ** -0.2, from = at(0.0005) - 3 * h, to = at(0.9995) + 3 * h, cells = 400, step = (to - from) / (cells - 1);
  const counts = new Float64Array(cells), y = new Float64Array(cells), reach = Math.min(Math.ceil(4 * h / step), cells), weights = [];
  for (let i = 0; i < n; i++) {
    const place = (t[i] - from) / step, k = Math.floor(place);
    if (k >= 0 && k < cells - 1) { counts[k] += 1 - (place - k); counts[k + 1] += place - k; }
  }
  for (let d = 0; d <= reach; d++) weights.push(Math.exp(-0.5 * (d * step / h) ** 2));
  const whole = 2 * weights.reduce((a, b) => a + b, 0) - weights[0];
  for (let k = 0; k < cells; k++) if (counts[k]) {
    const part = counts[k] * share / n / step / whole;
    for (let d = -Math.min(reach, k); d <= Math.min(reach, cells - 1 - k); d++) y[k + d] += part * weights[Math.abs(d)];
  }
  return [$grid(from, to, cells), y];
};
$World.prototype.curve = function (name) {
  const s = this.sample(name);
  return (s.$curve ||= (() => {
    if (s.constant) return { log: s.rows[0] > 0, x: new Float64Array(0), y: new Float64Array(0), atoms: [[s.rows[0], 1]] };
    const finite = s.sorted[s.sorted.length - 1] === Infinity ? s.sorted.filter((v) => Number.isFinite(v)) : s.sorted, [atoms, left] = $atoms(finite), log = finite.length > 0 && finite[0] > 0;
    const share = left.length / s.sorted.length;
    if (left.length < 50) return { log, x: new Float64Array(0), y: new Float64Array(0), atoms };
    const [t, y] = $kernel(log ? left.map(Math.log) : left, share);
    return { log, x: log ? t.map(Math.exp) : t, y, atoms: atoms.map(([v, p]) => [v, p * finite.length / s.sorted.length]) };
  })());
};
$World.prototype.exceedance = function (name) {
  const s = this.sample(name), n = s.sorted.length;
  if (s.constant) return { log: s.rows[0] > 0, x: Float64Array.of(s.rows[0], s.rows[0]), p: Float64Array.of(1, 0) };
  const places = Array.from({ length: 201 }, (_, i) => Math.round((n - 1) * i / 200));
  return { log: s.sorted[0] > 0, x: Float64Array.from(places, (i) => s.sorted[i]), p: Float64Array.from(places, (i) => 1 - (i + 0.5) / n) };
};

// What can be dragged of a prior: its 5 % and 95 % points where its family has a form with two of them, else its own ends.
const $TWO = new Set("normal lognormal logitnormal uniform loguniform beta gamma student_t".split(" "));
const $PLACES = new Set("low mode high median mean loc".split(" "));
$World.prototype.form = function (name) { // the family and the numbers of a prior, where they can be dragged
  const { distribution } = this.prior(name);
  if (distribution.rv === null) return { family: "", keys: ["value"], rest: [], at: { value: distribution.value } };
  const laws = [["lognormal", $distributions_algebra.lognormal_of(distribution.rv)], ["normal", $distributions_algebra.normal_of(distribution.rv)]];
  const known = laws.find((l) => l[1] !== null), at = { p5: $quantile(distribution, 0.05), p95: $quantile(distribution, 0.95) };
  if (known) return { family: known[0], keys: ["p5", "p95"], rest: [], at };
  let node = null;
  try { node = $distributions_grammar.read(distribution.text); } catch (e) { $lines(e); }
  if (!node || !node.name || !Array.isArray(node.arguments)) return null;
  const args = node.arguments;
  if (node.name === "truncate" || node.name === "clip") return $bounded(node, args);
  const plain = (k) => args.filter(([n, v]) => k(n) && typeof v === "number");
  if ($TWO.has(node.name)) {
    const rest = plain((n) => (node.name === "beta" || node.name === "logitnormal") ? n === "low" || n === "high" : node.name === "student_t" && n === "df");
    return { family: node.name, keys: ["p5", "p95"], rest, at };
  }
  const own = plain((n) => /^p\d/.test(n) || $PLACES.has(n));
  return own.length && args.every(([, v]) => $written(v) !== null) ? { family: node.name, keys: own.map((a) => a[0]), rest: null, args, at: Object.fromEntries(own) } : null;
};
// A bounded prior: what is drawn within its bounds can be dragged by its own 5 % and 95 % points.
const $bounded = (node, args) => {
  const inner = args.find(([n]) => n === "prior")[1], bounds = args.filter(([n, v]) => n !== "prior" && typeof v === "number");
  if (!inner || !$TWO.has(inner.name)) return null;
  const numbers = inner.arguments.every(([, v]) => typeof v === "number");
  const written = `${inner.name}(${inner.arguments.map(([k, v]) => `${k}=${$written(v)}`).join(", ")})`;
  if (!numbers) return null;
  const d = $distributions_notation.parse(written), df = inner.arguments.filter(([n]) => inner.name === "student_t" && n === "df");
  const ends = bounds.map(([k, v]) => `${k}=${$written(v)}`).join(", ");
  const bound = new Map(bounds), low = bound.get("low") ?? -Infinity, high = bound.get("high") ?? Infinity;
  const inside = (p) => { const x = d.quantile(p / 100); return x > low && x < high ? [[`p${p}`, x]] : []; };
  const [first, last] = [[...inside(5), ...inside(25), ...inside(50)], [...inside(95), ...inside(75), ...inside(60)]];
  if (!first.length || !last.length) return null;
  const at = Object.fromEntries([first[0], last[0]]);
  return { family: inner.name, keys: Object.keys(at), rest: df, at,
    around: (text) => `${node.name}(prior=${text}, ${ends})` };
};
$World.prototype.handles = function (name) {
  const form = this.form(name);
  return form ? form.keys.map((key) => ({ key, value: form.at[key] })).sort((a, b) => a.value - b.value) : [];
};
const $written = (v) => Array.isArray(v) ? `[${v.map($written).join(", ")}]` : typeof v === "number" ? $base_numbers.shortest(v) : null;
$World.prototype.dragged = function (name, key, value) {
  const form = this.form(name);
  if (!form || !Number.isFinite(value)) return "";
  const others = Object.values(form.at), size = Math.max(...others.map((v) => Math.abs(v - value)), Math.abs(value) * 0.05);
  const digits = Math.max(3, Math.ceil(Math.log10(Math.abs(value) / (size || 1)) + 3) || 3);
  const near = (v) => Number(v.toPrecision(Math.min(Math.max(digits, 3), 12))), at = { ...form.at, [key]: value };
  let text = "";
  if (!form.family) text = $written(near(value));
  else if (form.rest) text = `${form.family}(${[...form.keys.map((k) => `${k}=${$written(near(at[k]))}`), ...form.rest.map(([k, v]) => `${k}=${$written(v)}`)].join(", ")})`;
  else text = `${form.family}(${form.args.map(([k, v]) => `${k}=${$written(k === key ? near(value) : v)}`).join(", ")})`;
  if (form.around) text = form.around(text);
  try {
    const target = this.model.inputs.at(name), made = $distributions_notation.parse(text);
    return $priors_ranges.impossible(target, made) ? "" : made.text;
  } catch (e) { $lines(e); return ""; }
};
