// The built-in functions and the small part of the standard library that translated modules call.
const $py = (() => {
  const object = $class_of("object", null, "plain", []);
  const exception = (name, base) => $class_of(name, base, "plain", [], () => [
    ["method", "__init__", $def("__init__", (self, ...args) => { self.args = args; }, [], null, true)]]);
  const Exception = exception("Exception", object);
  const ArithmeticError = exception("ArithmeticError", Exception);
  const plain = { Exception, ArithmeticError };
  for (const name of "ValueError TypeError KeyError IndexError AttributeError OSError RecursionError StopIteration".split(" ")) {
    plain[name] = exception(name, Exception);
  }
  for (const name of ["OverflowError", "ZeroDivisionError"]) plain[name] = exception(name, ArithmeticError);
  const LinAlgError = exception("LinAlgError", plain.ValueError);
  const fail = (kind, text) => { throw $raised(kind, text); };

  const ids = new WeakMap();
  let last = 0;
  const id = (x) => { if (!ids.has(x)) ids.set(x, ++last); return ids.get(x); };
  const enumerate = (x, start = 0) => [...$it(x)].map((v, i) => [i + start, v]);
  const zip = (...xs) => {
    if (xs[xs.length - 1] instanceof $Words) xs.pop();
    const all = xs.map($list);
    return all.length ? Array.from({ length: Math.min(...all.map((x) => x.length)) }, (_, i) => all.map((x) => x[i])) : [];
  };
  const range = (a, b, c = 1) => {
    const [from, to] = b === undefined ? [0, a] : [a, b], found = [];
    for (let i = from; c > 0 ? i < to : i > to; i += c) found.push(i);
    return found;
  };
  const builtins = {
    len: (x) => x.length, enumerate, zip, range, sorted: $sorted, reversed: (x) => [...$it(x)].reverse(),
    min: $extreme(-1), max: $extreme(1), sum: (x, start = 0) => $list(x).reduce((a, b) => $add(a, b), start),
    any: (x) => $list(x).some($t), all: (x) => $list(x).every($t), repr: $repr, isinstance: $isinstance,
    abs: (x) => typeof x === "number" ? Math.abs(x) : $np.abs(x), round: $rounded, print: () => null, id,
    map: (f, ...xs) => xs.length === 1 ? [...$it(xs[0])].map((v) => $c(f, v)) : zip(...xs).map((a) => $c(f, ...a)),
    filter: (f, x) => [...$it(x)].filter((v) => $t(f === null ? v : $c(f, v))),
    next: (x, other) => { const [first] = $it(x); return first === undefined ? other : first; },
    iter: (x) => x, vars: (o) => new $Dict(o.$type.$fields.map(([n]) => [n, o[n]])),
    divmod: (a, b) => [Math.floor(a / b), ((a % b) + b) % b], getattr: (o, n, other) => o[n] === undefined ? other : o[n],
    hasattr: (o, n) => o[n] !== undefined, type: (x) => x.$type || { __name__: typeof x, __module__: "builtins" },
    float: $kind("float", (x) => typeof x === "number", (x = 0) => $parsed(x)),
    int: $kind("int", (x) => Number.isInteger(x), (x = 0) => {
      const v = $parsed(x);
      if (!Number.isFinite(v)) fail(Number.isNaN(v) ? plain.ValueError : plain.OverflowError, "no whole number");
      return Math.trunc(v);
    }),
    str: $kind("str", (x) => typeof x === "string" || x instanceof String, (x = "") => $str(x)),
    bool: $kind("bool", (x) => typeof x === "boolean", (x) => $t(x)),
    list: $kind("list", Array.isArray, (x = []) => [...$it(x)]),
    tuple: $kind("tuple", Array.isArray, (x = []) => [...$it(x)]),
    dict: $kind("dict", (x) => x instanceof $Dict, (x = []) => $dict_of(x instanceof $Words ? Object.entries(x) : x)),
    set: $kind("set", (x) => x instanceof $Set, (x = []) => $set_of(x)),
    frozenset: $kind("set", (x) => x instanceof $Set, (x = []) => $set_of(x)),
  };
  builtins.str.maketrans = (a, b) => new $Dict([...a].map((c, i) => [c, [...b][i]]));
  builtins.object = object;
  builtins.dict.fromkeys = (x, v = null) => new $Dict($list(x).map((k) => [k, v]));

  const fsum = (xs) => { // exactly rounded, as Shewchuk's (1997)
    const parts = [];
    for (let x of $it(xs)) {
      let i = 0;
      for (let y of parts) {
        if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
        const high = x + y, low = y - (high - x);
        if (low) parts[i++] = low;
        x = high;
      }
      parts.splice(i, parts.length, x);
    }
    return parts.reduce((a, b) => b + a, 0);
  };
  // Square root of a sum of squares, rounded as Python's: squares and their sum in twice the digits, and one correction.
  const square = (x) => {
    const t = 134217729 * x, high = t - (t - x), low = x - high, p = x * x;
    return [p, ((high * high - p) + 2 * high * low) + low * low];
  };
  const hypot = (...xs) => {
    const most = Math.max(...xs.map(Math.abs));
    if (!most || !Number.isFinite(most)) return most;
    const scale = 2 ** -frexp(most)[1], parts = xs.flatMap((x) => square(x * scale)), h = Math.sqrt(fsum(parts)), [p, low] = square(h);
    return (h + fsum([...parts, -p, -low]) / (2 * h)) / scale;
  };
  const frexp = (x) => {
    if (!x || !Number.isFinite(x)) return [x, 0];
    let e = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1), m = x * 2 ** -e;
    while (Math.abs(m) < 0.5) { m *= 2; e--; }
    while (Math.abs(m) >= 1) { m /= 2; e++; }
    return [m, e];
  };
  const domain = (f, ok) => (x) => ok(x) ? f(x) : fail(plain.ValueError, "math domain error");
  const math = {
    inf: Infinity, nan: NaN, pi: Math.PI, e: Math.E, fsum, frexp, ldexp: (m, e) => m * 2 ** e,
    exp: (x) => { const y = Math.exp(x); return y === Infinity && x !== Infinity ? fail(plain.OverflowError, "range") : y; },
    log: domain(Math.log, (x) => x > 0), log10: domain(Math.log10, (x) => x > 0), log1p: domain(Math.log1p, (x) => x > -1),
    sqrt: domain(Math.sqrt, (x) => x >= 0), asin: domain(Math.asin, (x) => Math.abs(x) <= 1), sin: Math.sin, cos: Math.cos,
    floor: Math.floor, ceil: Math.ceil, hypot, isqrt: (x) => Math.floor(Math.sqrt(x)),
    isfinite: (x) => Number.isFinite(+x), isinf: (x) => Math.abs(x) === Infinity, isnan: (x) => Number.isNaN(+x), tanh: Math.tanh,
    prod: (xs) => $list(xs).reduce((a, b) => a * b, 1), expm1: Math.expm1, copysign: (a, b) => Math.abs(a) * (b < 0 || Object.is(b, -0) ? -1 : 1),
  };
  const cached = (f) => {
    const kept = new $Dict();
    return $def(f.__name__, (...a) => {
      if (!kept.has(a)) { if (kept.length > 2000) kept.map.clear(); kept.put(a, f(...a)); }
      return kept.at(a);
    }, f.$parameters, f.$words, f.$rest);
  };
  const functools = { cache: cached, lru_cache: () => cached, partial: (f, ...a) => (...b) => $c(f, ...a, ...b), cached_property: null };
  const itertools = {
    pairwise: (x) => { const v = $list(x); return v.slice(1).map((y, i) => [v[i], y]); },
    combinations: (x, n) => { const v = $list(x); return n === 2 ? v.flatMap((a, i) => v.slice(i + 1).map((b) => [a, b])) : fail(plain.ValueError, "pairs"); },
  };
  const dataclasses = {
    dataclass: $any, field: (w = {}) => w.default_factory ? $c(w.default_factory) : w.default,
    replace: (o, w) => {
      const made = Object.create(o.$type.prototype);
      for (const [n] of o.$type.$fields) made[n] = n in w ? w[n] : o[n];
      return made;
    },
  };
  const parameter = (found, kw) => ({ name: found[0], default: found[1] ? null : parameter.empty, empty: parameter.empty,
    annotation: found[2] ? found[2]() : null, kind: kw ? "words" : "plain", VAR_KEYWORD: "words" });
  parameter.empty = { empty: true };
  const inspect = { Parameter: parameter, signature: (f) => ({ parameters: new $Dict([
    ...f.$parameters.map((p) => [p[0], parameter(p, false)]),
    ...(f.$words ? [[f.$words[0], parameter([f.$words[0], false, f.$words[1]], true)]] : [])]) }) };
  const typing = { TYPE_CHECKING: false, UnionType: $kind("UnionType", (x) => x instanceof $Union, () => null),
    get_args: (x) => x instanceof $Union ? x.kinds : x instanceof $Alias ? [x.args] : [], get_origin: (x) => x instanceof $Alias ? x.origin : null };
  const re = { compile: (p, f) => new $Pattern(p, f), VERBOSE: 1, DOTALL: 2, escape: (s) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    Pattern: $any, fullmatch: (p, s) => new $Pattern(p).fullmatch(s), search: (p, s) => new $Pattern(p).search(s),
    split: (p, s) => new $Pattern(p).split(s), sub: (p, by, s) => new $Pattern(p).sub(by, s), match: (p, s) => new $Pattern(p).match(s) };
  const json = { dumps: (x) => JSON.stringify(x).replace(/[\u007f-\uffff]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0")) };
  const difflib = { get_close_matches: (word, names, w) => {
    const far = (a, b) => { // edits between two texts
      let row = [...b, 0].map((_, i) => i);
      for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
        row = next;
      }
      return row[b.length];
    };
    const found = $list(names).map((n) => [far(word, n) / Math.max(word.length, n.length, 1), n]).sort((a, b) => a[0] - b[0]);
    return found.filter((f) => f[0] <= 0.4).slice(0, w.n).map((f) => f[1]);
  }, SequenceMatcher: (_, a, b) => ({ ratio: () => [...a].filter((c) => b.includes(c)).length / Math.max(a.length, b.length, 1) }) };
  return { ...plain, ...builtins, builtins: { ...plain, ...builtins }, object, LinAlgError, id, math, functools, itertools, dataclasses,
    inspect, typing, re, json, difflib, texts: $texts, lists: $lists, numbers: { is_integer: (x) => Number.isInteger(x) } };
})();
const { len, enumerate, zip, range, sorted, reversed, min, max, sum, any, all, repr, isinstance, abs, round, id, map, filter,
  next, iter, vars, divmod, getattr, hasattr, type, int: int$, str, bool, list, tuple, dict, set, frozenset, print,
  Exception, ArithmeticError, ValueError, TypeError: TypeError$, KeyError, IndexError, AttributeError, OSError,
  RecursionError, OverflowError, ZeroDivisionError } = $py.builtins;
const float$ = $py.float, object = $py.object;
