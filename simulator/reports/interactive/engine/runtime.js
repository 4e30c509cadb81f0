// What translated Python stands on: calls with named arguments, classes, dictionaries, and operators over all of them.
const $ellipsis = { ellipsis: true };
class $Words { // arguments by name, for functions of the runtime itself
  constructor(pairs) { for (const [k, v] of pairs) this[k] = v; }
}
class $Slice { constructor(a, b, c) { this.start = a; this.stop = b; this.step = c === null ? 1 : c; } }
class $Places extends Array {} // an index with a place for each axis
const $at = (...places) => places.length === 1 && typeof places[0] === "number" ? Object.assign(new $Places(1), { 0: places[0] }) : new $Places(...places);
const $slice = (a, b, c) => new $Slice(a, b, c);

// A key as text: what is equal in Python is the same key.
const $hash = (k) => typeof k === "string" ? "s" + k
  : typeof k === "number" || typeof k === "boolean" ? "n" + (+k)
  : Array.isArray(k) ? "t" + k.map($hash).map((x) => x.length + ":" + x).join("")
  : k === null ? "0" : "o" + $py.id(k);

class $Dict {
  constructor(pairs = []) { this.map = new Map(); for (const [k, v] of pairs) this.put(k, v); }
  put(k, v) { const h = $hash(k), old = this.map.get(h); if (old) old[1] = v; else this.map.set(h, [k, v]); }
  has(k) { return this.map.has($hash(k)); }
  at(k) { const e = this.map.get($hash(k)); if (!e) throw $raised($py.KeyError, $repr(k)); return e[1]; }
  get(k, other = null) { const e = this.map.get($hash(k)); return e ? e[1] : other; }
  pop(k, other) {
    const h = $hash(k), e = this.map.get(h);
    if (e) { this.map.delete(h); return e[1]; }
    if (other === undefined) throw $raised($py.KeyError, $repr(k));
    return other;
  }
  setdefault(k, other = null) { if (!this.has(k)) this.put(k, other); return this.at(k); }
  update(other) { for (const [k, v] of $dict_of(other).items()) this.put(k, v); return null; }
  keys() { return [...this.map.values()].map((e) => e[0]); }
  values() { return [...this.map.values()].map((e) => e[1]); }
  items() { return [...this.map.values()].map((e) => [e[0], e[1]]); }
  get length() { return this.map.size; }
  [Symbol.iterator]() { return this.keys()[Symbol.iterator](); }
}
const $dict_of = (x) => x instanceof $Dict ? new $Dict(x.items()) : new $Dict($it(x));

class $Set {
  constructor(values = []) { this.dict = new $Dict(); for (const v of values) this.dict.put(v, true); }
  add(v) { this.dict.put(v, true); return null; }
  discard(v) { this.dict.map.delete($hash(v)); return null; }
  has(v) { return this.dict.has(v); }
  union(...others) { return new $Set([...this, ...others.flatMap((o) => [...$it(o)])]); }
  isdisjoint(other) { return ![...$it(other)].some((v) => this.has(v)); }
  issuperset(other) { return [...$it(other)].every((v) => this.has(v)); }
  minus(other) { return new $Set([...this].filter((v) => !other.has(v))); }
  within(other) { return [...this].every((v) => other.has(v)); }
  get length() { return this.dict.length; }
  [Symbol.iterator]() { return this.dict.keys()[Symbol.iterator](); }
}
const $set_of = (x) => new $Set($it(x));

// Calls: of functions and classes, of methods, and of both with arguments by name.
const $def = (name, f, parameters, words, rest) => {
  f.$parameters = parameters; f.$words = words; f.$rest = rest; f.__name__ = name;
  return f;
};
const $c = (f, ...args) => f.$class ? $made(f, args) : f instanceof $Alias ? f.origin(...args) : f(...args);
const $ordered = (f, args, pairs) => {
  const p = f.$parameters, given = [...args];
  if (!p) return [...given, new $Words(pairs)];
  const extra = [];
  for (const [k, v] of pairs) {
    const i = p.findIndex((x) => x[0] === k);
    if (i >= 0) { while (given.length < i) given.push(undefined); given[i] = v; }
    else if (f.$words) extra.push([k, v]);
    else throw $raised($py.TypeError, `${f.__name__} takes no ${k}`);
  }
  if (f.$words) { while (given.length < p.length) given.push(undefined); given.push(new $Dict(extra)); }
  return given;
};
const $k = (f, args, pairs) => f.$class ? $made(f, args, pairs) : f(...$ordered(f, args, pairs));
const $methods = (o) => typeof o === "string" || o instanceof String ? $py.texts : Array.isArray(o) ? $py.lists
  : typeof o === "number" ? $py.numbers : null;
const $m = (o, name, ...args) => {
  const own = $methods(o);
  if (own && own[name]) return own[name](o, ...args);
  const f = o[name];
  if (f === undefined) throw $raised($py.AttributeError, `no ${name}`);
  return f.$class ? $made(f, args) : f.call(o, ...args);
};
const $mk = (o, name, args, pairs) => {
  const own = $methods(o);
  if (own && own[name]) return own[name](o, ...args, new $Words(pairs));
  const f = o[name];
  if (f.$class) return $made(f, args, pairs);
  return f.call(o, ...$ordered(f, args, pairs));
};

// An attribute; a method comes with its object.
const $attr = (o, name) => {
  const own = $methods(o), v = o[name];
  if (own && own[name]) return (...a) => own[name](o, ...a);
  return typeof v === "function" && o.$type && !v.$class && !Object.prototype.hasOwnProperty.call(o, name)
    ? $def(name, (...a) => v.apply(o, a), v.$parameters, v.$words, v.$rest) : v;
};

// Classes.
const $made = (c, args, pairs = []) => {
  const o = Object.create(c.prototype);
  if (o.__init__) o.__init__(...(pairs.length ? $ordered(o.__init__, args, pairs) : args));
  return o;
};
const $bound = (f) => $def(f.__name__, function (...a) { return f(this, ...a); }, f.$parameters, f.$words, f.$rest);
const $class_of = (name, base, kind, fields, members) => {
  const c = function () {};
  c.prototype = Object.create(base ? base.prototype : Object.prototype);
  Object.setPrototypeOf(c, base || Function.prototype);
  Object.assign(c, { $class: true, __name__: name, $fields: [...((base && base.$fields) || []), ...fields] });
  c.prototype.$type = c;
  for (const [how, label, value] of members ? members(c) : []) {
    if (how === "method") c.prototype[label] = $bound(value);
    else if (how === "staticmethod" || how === "value") c[label] = c.prototype[label] = value;
    else if (how === "classmethod") c[label] = c.prototype[label] = $def(label, (...a) => value(c, ...a),
      value.$parameters, value.$words, value.$rest);
    else Object.defineProperty(c.prototype, label, { configurable: true, get() {
      const v = value(this);
      if (how === "cached_property") Object.defineProperty(this, label, { value: v, configurable: true });
      return v;
    } });
  }
  if (kind !== "plain") $record(c, kind);
  return c;
};
// A class of fields: its constructor, and for a named tuple its order.
const $record = (c, kind) => {
  const fields = c.$fields;
  c.prototype.__init__ = $def("__init__", function (...given) {
    fields.forEach(([n, other], i) => {
      if (given[i] === undefined && !other) throw $raised($py.TypeError, `${c.__name__} needs ${n}`);
      this[n] = given[i] === undefined ? other() : given[i];
    });
    if (this.__post_init__) this.__post_init__();
  }, fields.map(([n, other]) => [n, !!other]), null, false);
  if (kind === "namedtuple") c.prototype[Symbol.iterator] = function () { return fields.map(([n]) => this[n])[Symbol.iterator](); };
};
const $upper = (c, self, name, args) => {
  const f = Object.getPrototypeOf(c.prototype)[name];
  return f ? f.call(self, ...args) : null;
};

// Truth, iteration, equality.
const $t = (x) => typeof x === "boolean" ? x : typeof x === "number" ? x !== 0 : typeof x === "string" ? x !== ""
  : x === null || x === undefined ? false : x instanceof $Array ? $t(x.item()) : x.length === undefined ? true
  : x.$type ? true : typeof x === "function" ? true : x.length > 0;
const $and = (a, b) => $t(a) ? b() : a;
const $or = (a, b) => $t(a) ? a : b();
const $it = (x) => {
  if (x === null || x === undefined || typeof x[Symbol.iterator] !== "function") {
    throw $raised($py.TypeError, `${$repr(x)} is no sequence`);
  }
  return x;
};
const $list = (x) => Array.isArray(x) ? x : [...$it(x)];
const $is = (a, b) => a === b || (a === undefined && b === null);
const $isnot = (a, b) => !$is(a, b);
const $same = (a, b) => {
  if (a === b) return true;
  if (typeof a === "boolean" || typeof b === "boolean") return typeof a !== "object" && typeof b !== "object" && +a === +b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => $same(x, b[i]));
  if (a instanceof $Dict && b instanceof $Dict) {
    return a.length === b.length && a.items().every(([k, v]) => b.has(k) && $same(v, b.at(k)));
  }
  if (a instanceof $Set && b instanceof $Set) return a.within(b) && b.within(a);
  if (a && b && a.$type && a.$type === b.$type && a.$type.$fields.length) {
    return a.$type.$fields.every(([n]) => n === "rv" || $same(a[n], b[n]));
  }
  return false;
};
const $eq = (a, b) => a instanceof $Array || b instanceof $Array ? $np.equal(a, b) : $same(a, b);
const $ne = (a, b) => a instanceof $Array || b instanceof $Array ? $np.not_equal(a, b) : !$same(a, b);
const $in = (a, b) => typeof b === "string" ? b.includes(a) : b instanceof $Dict || b instanceof $Set ? b.has(a)
  : $list(b).some((x) => $same(x, a));
const $notin = (a, b) => !$in(a, b);
const $order = (a, b) => { // -1, 0, 1 of numbers, texts and sequences
  if (Array.isArray(a)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) { const o = $order(a[i], b[i]); if (o) return o; }
    return Math.sign(a.length - b.length);
  }
  return a < b ? -1 : a > b ? 1 : 0;
};
const $ordering = (ufunc, plain, sets) => (a, b) => typeof a === "number" && typeof b === "number" ? plain(a, b)
  : a instanceof $Array || b instanceof $Array ? $np[ufunc](a, b) : a instanceof $Set ? sets(a, b)
  : Array.isArray(a) ? plain($order(a, b), 0) : plain(a, b);
const $lt = $ordering("less", (a, b) => a < b, (a, b) => a.within(b) && !b.within(a));
const $le = $ordering("less_equal", (a, b) => a <= b, (a, b) => a.within(b));
const $gt = $ordering("greater", (a, b) => a > b, (a, b) => b.within(a) && !a.within(b));
const $ge = $ordering("greater_equal", (a, b) => a >= b, (a, b) => b.within(a));

// Arithmetic.
const $numeric = (ufunc, plain) => (a, b) => typeof a !== "object" && typeof b !== "object"
  ? plain(+a, +b) : $np[ufunc]($np.wrapped(a), $np.wrapped(b));
const $divided = (a, b) => { if (b === 0) throw $raised($py.ZeroDivisionError, "division by zero"); return a / b; };
const $plus = $numeric("add", (a, b) => a + b), $minus = $numeric("subtract", (a, b) => a - b);
const $times = $numeric("multiply", (a, b) => a * b);
const $add = (a, b) => typeof a === "string" ? a + b : Array.isArray(a) && Array.isArray(b) ? [...a, ...b] : $plus(a, b);
const $iadd = (a, b) => { if (Array.isArray(a)) { a.push(...$it(b)); return a; } return $add(a, b); };
const $sub = (a, b) => a instanceof $Set ? a.minus(b) : $minus(a, b);
const $mul = (a, b) => typeof a === "string" ? a.repeat(b) : Array.isArray(a) && typeof b === "number"
  ? Array.from({ length: a.length * b }, (_, i) => a[i % a.length]) : $times(a, b);
const $div = $numeric("divide", $divided);
const $floordiv = $numeric("floor_divide", (a, b) => Math.floor($divided(a, b)));
const $mod = $numeric("mod", (a, b) => ((a % b) + b) % b);
const $pow = $numeric("power", (a, b) => Math.pow(a, b));
const $matmul = (a, b) => $np.matmul(a, b);
const $neg = (a) => typeof a === "number" ? -a : $np.negative(a);
const $invert = (a) => typeof a === "boolean" ? !a : typeof a === "number" ? ~a : $np.invert(a);
const $band = (a, b) => a instanceof $Set ? new $Set([...a].filter((v) => b.has(v))) : typeof a === "boolean" && typeof b === "boolean"
  ? a && b : typeof a === "number" && typeof b === "number" ? a & b : $np.logical_and(a, b);
const $bor = (a, b) => a instanceof $Dict ? new $Dict([...a.items(), ...b.items()]) : a instanceof $Set ? a.union(b)
  : $istype(a) || $istype(b) ? new $Union([a, b]) : typeof a === "boolean" && typeof b === "boolean" ? a || b
  : typeof a === "number" && typeof b === "number" ? a | b : $np.logical_or(a, b);
const $ibor = (a, b) => { if (a instanceof $Dict) { a.update(b); return a; } return $bor(a, b); };
const $bxor = (a, b) => a ^ b, $shl = (a, b) => a * 2 ** b, $shr = (a, b) => Math.floor(a / 2 ** b);

// Items.
const $ends = (s, n) => {
  const step = s.step, at = (x, other) => x === null ? other : x < 0 ? Math.max(x + n, step < 0 ? -1 : 0) : Math.min(x, step < 0 ? n - 1 : n);
  const [a, b] = step > 0 ? [at(s.start, 0), at(s.stop, n)] : [at(s.start, n - 1), s.stop === null ? -1 : at(s.stop, -1)];
  const found = [];
  for (let i = a; step > 0 ? i < b : i > b; i += step) found.push(i);
  return found;
};
const $get = (o, i) => {
  if (o instanceof $Array) return o.get(i);
  if (o instanceof String) return $get(String(o), i);
  if (o instanceof $Dict) return o.at(i);
  if (o.__getitem__) return o.__getitem__(i);
  if (i instanceof $Slice) { const at = $ends(i, o.length).map((j) => o[j]); return typeof o === "string" ? at.join("") : at; }
  if (o.$type && o.$type.$fields) return [...o][i];
  const j = i < 0 ? o.length + i : +i;
  if (!(j >= 0 && j < o.length)) throw $raised($py.IndexError, "index out of range");
  return o[j];
};
const $set = (o, i, v) => {
  if (o instanceof $Array) o.put(i, v);
  else if (o instanceof $Dict) o.put(i, v);
  else if (i instanceof $Slice) { const at = $ends(i, o.length); o.splice(at.length ? at[0] : (i.start || 0), at.length, ...$it(v)); }
  else o[i < 0 ? o.length + i : i] = v;
};
const $del = (o, i) => { if (o instanceof $Dict) o.pop(i); else o.splice(i, 1); };

// Kinds of values.
class $Kind {
  constructor(name, test, make) { this.__name__ = name; this.test = test; this.call = make; this.$kind = true; }
}
class $Union { constructor(kinds) { this.kinds = kinds.flatMap((k) => k instanceof $Union ? k.kinds : [k]); } }
const $istype = (x) => x === null || x instanceof $Union || x instanceof $Alias || (typeof x === "function" && (x.$class || x.$kind)) || x === $any;
class $Alias { constructor(origin, args) { this.origin = origin; this.args = args; } }
const $kind = (name, test, make) => Object.assign(make, { $kind: true, test, __name__: name, __getitem__: (args) => new $Alias(make, args) });
const $any = Object.assign((x) => x, { $kind: true, test: () => true, __getitem__: () => $any });
const $isinstance = (x, kind) => kind === null ? x === null : Array.isArray(kind) ? kind.some((k) => $isinstance(x, k))
  : kind instanceof $Union ? kind.kinds.some((k) => $isinstance(x, k)) : kind instanceof $Alias ? $isinstance(x, kind.origin)
  : kind.$kind ? kind.test(x) : !!kind.prototype && x !== null && typeof x === "object" && Object.prototype.isPrototypeOf.call(kind.prototype, x);

// Exceptions: objects of translated classes.
const $raised = (e, ...args) => e.$class ? $made(e, args) : e;
const $caught = (e, kinds) => {
  if (e instanceof RangeError && /call stack/.test(e.message)) e = $made($py.RecursionError, ["too deep"]);
  return kinds === null ? !!(e && e.$type) : $isinstance(e, kinds);
};
const $outside = (name) => Object.assign(() => { throw new Error(`${name} is not in the page`); }, { outside: name });
