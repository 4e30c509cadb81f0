// Small dense matrices, special functions and quadrature nodes, under the names of NumPy and SciPy.
$np.linalg = (() => {
  const rows = (a) => $np.asarray(a).tolist();
  const solve = (x, y) => { // Gauss with row pivots
    const a = rows(x), right = $np.asarray(y), many = right.ndim > 1, b = many ? rows(right) : rows(right).map((v) => [v]), n = a.length;
    for (let k = 0; k < n; k++) {
      let p = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
      if (!(Math.abs(a[p][k]) > 0)) throw $raised($py.LinAlgError, "Singular matrix");
      [a[k], a[p], b[k], b[p]] = [a[p], a[k], b[p], b[k]];
      for (let i = k + 1; i < n; i++) {
        const f = a[i][k] / a[k][k];
        for (let j = k; j < n; j++) a[i][j] -= f * a[k][j];
        for (let j = 0; j < b[i].length; j++) b[i][j] -= f * b[k][j];
      }
    }
    for (let k = n - 1; k >= 0; k--) for (let j = 0; j < b[k].length; j++) {
      for (let i = k + 1; i < n; i++) b[k][j] -= a[k][i] * b[i][j];
      b[k][j] /= a[k][k];
    }
    return $np.asarray(many ? b : b.map((v) => v[0]));
  };
  const singular = (x) => { // singular values by one-sided Jacobi rotations
    const a = rows($np.transpose($np.asarray(x))), n = a.length;
    for (let sweep = 0; sweep < 60; sweep++) {
      let off = 0;
      for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
        const dot = (u, v) => u.reduce((t, w, i) => t + w * v[i], 0), alpha = dot(a[p], a[p]), beta = dot(a[q], a[q]), gamma = dot(a[p], a[q]);
        if (Math.abs(gamma) <= 1e-16 * Math.sqrt(alpha * beta)) continue;
        off = 1;
        const zeta = (beta - alpha) / (2 * gamma), t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta)), c = 1 / Math.hypot(1, t), s = c * t;
        for (let i = 0; i < a[p].length; i++) [a[p][i], a[q][i]] = [c * a[p][i] - s * a[q][i], s * a[p][i] + c * a[q][i]];
      }
      if (!off) break;
    }
    return a.map((v) => Math.hypot(...v)).sort((u, v) => v - u);
  };
  const eigh = (x) => { // eigenvalues ascending and eigenvectors of a symmetric matrix, by Jacobi rotations
    const a = rows(x), n = a.length, v = a.map((_, i) => a.map((_, j) => +(i === j)));
    for (let sweep = 0; sweep < 100; sweep++) {
      let off = 0;
      for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-18) continue;
        off = 1;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]), t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta)), c = 1 / Math.hypot(1, t), s = c * t;
        for (let i = 0; i < n; i++) [a[i][p], a[i][q]] = [c * a[i][p] - s * a[i][q], s * a[i][p] + c * a[i][q]];
        for (let i = 0; i < n; i++) [a[p][i], a[q][i]] = [c * a[p][i] - s * a[q][i], s * a[p][i] + c * a[q][i]];
        for (let i = 0; i < n; i++) [v[i][p], v[i][q]] = [c * v[i][p] - s * v[i][q], s * v[i][p] + c * v[i][q]];
      }
      if (!off) break;
    }
    const order = a.map((_, i) => i).sort((i, j) => a[i][i] - a[j][j]);
    return [$np.asarray(order.map((i) => a[i][i])), $np.asarray(v.map((row) => order.map((i) => row[i])))];
  };
  const cholesky = (x) => {
    const a = rows(x), n = a.length, l = a.map(() => Array(n).fill(0));
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) {
      let t = a[i][j];
      for (let k = 0; k < j; k++) t -= l[i][k] * l[j][k];
      if (i === j && !(t > 0)) throw $raised($py.LinAlgError, "not positive definite");
      l[i][j] = i === j ? Math.sqrt(t) : t / l[j][j];
    }
    return $np.asarray(l);
  };
  return { solve, eigh, cholesky, eigvalsh: (x) => eigh(x)[0], norm: (x) => Math.hypot(...$np.asarray(x).data), LinAlgError: $py.LinAlgError,
    cond: (x) => { const s = singular(x); return s[s.length - 1] > 0 ? s[0] / s[s.length - 1] : Infinity; } };
})();

$np.meshgrid = (a, b) => { // with indexing="ij"
  const x = $np.asarray(a).tolist(), y = $np.asarray(b).tolist();
  return [$np.asarray(x.map((v) => y.map(() => v))), $np.asarray(x.map(() => y))];
};
$np.einsum = (how, w, v, a, b) => { // "i,j,ij,ij->" alone
  const n = w.size, m = v.size;
  let t = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) t += w.data[i] * v.data[j] * a.data[i * m + j] * b.data[i * m + j];
  return t;
};
$np.polynomial = { // nodes and weights come with the page, from NumPy itself
  legendre: { leggauss: (n) => $nodes.legendre[n].map((v) => $np.asarray(v)) },
  hermite_e: { hermegauss: (n) => $nodes.hermite_e[n].map((v) => $np.asarray(v)) },
};
let $nodes = { legendre: {}, hermite_e: {} };

$py.numpy = $np;
$py.scipy = { special: (() => {
  const root = Math.SQRT1_2, { erfc, betainc, gammainc } = special$;
  const three = (f) => (a, b, x) => {
    const p = $np.asarray(a), q = $np.asarray(b);
    if (p.size === 1 && q.size === 1) return $np.unary((v) => f(p.data[0], q.data[0], v))(x);
    return $np.asarray(Array.from(p.data, (u, i) => f(u, q.size === 1 ? q.data[0] : q.data[i], $np.asarray(x).item())));
  };
  const ndtr = $np.unary((z) => 0.5 * erfc(-z * root));
  const tail = (p) => $distributions_random_variable.normal_tail(p); // the program's own, over arrays
  const ndtri = (p) => {
    const near = $np.asarray($np.minimum(p, $np.subtract(1, p))), z = $np.asarray(tail($np.maximum(near, 5e-324)));
    const low = $np.asarray(p).data, made = Float64Array.from(z.data, (v, i) => {
      const size = near.data[i] > 0 ? v : Infinity;
      return low[i] <= 0.5 ? -size : size;
    });
    return $np.plain(new $Array(made, z.shape));
  };
  const stdtr = (df, t) => $np.unary((v) => {
    const beyond = 0.5 * betainc(df / (df + v * v), df / 2, 0.5, true, false);
    return v < 0 ? beyond : 1 - beyond;
  })(t);
  return { ndtr, ndtri, stdtr,
    betainc: three((a, b, x) => betainc(x, a, b, true, false)), betaincc: three((a, b, x) => betainc(x, a, b, true, true)),
    gammainc: (a, x) => $np.unary((v) => v === Infinity ? 1 : gammainc(v, a, true, false))(x), gammaincc: (a, x) => $np.unary((v) => v === Infinity ? 0 : gammainc(v, a, true, true))(x) };
})() };
