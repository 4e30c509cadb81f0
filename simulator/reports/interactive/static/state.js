(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const VIEWS = ["density", "exceedance"];
  const LONGEST = 20000; // characters of a link that are read

  // A part of a link as it can be read: brackets, commas and equal signs as they are.
  const written = (text) => encodeURIComponent(text)
    .replace(/%(2C|3D|3A|2F|3B|40|24)/g, (code) => decodeURIComponent(code)).replace(/%20/g, "+");

  // A part of a link as text; null where it is broken.
  const read = (text) => {
    try {
      return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return null;
    }
  };

  // What differs from what the file begins with, as [key, text]; an edit that was taken back is empty.
  const differences = (now, before, prefix) => {
    const found = Object.keys(now).filter((name) => now[name] !== before[name]).map((name) => [name, now[name]]);
    const gone = Object.keys(before).filter((name) => !Object.hasOwn(now, name)).map((name) => [name, ""]);
    return [...found, ...gone].map(([name, text]) => [prefix + name, text]);
  };

  // The fragment of a link that restores a state and a view; "" for what the file begins with.
  page.fragment = (state, view) => {
    const { start } = page.engine;
    const pairs = [];
    if (state.set !== start.set) pairs.push(["set", state.set]);
    if (state.gpu !== start.gpu) pairs.push(["gpu", state.gpu]);
    if (state.year !== page.startState().year) pairs.push(["year", String(state.year)]);
    pairs.push(...differences(state.edits, start.edits, ""), ...differences(state.knows, start.knows, "know."));
    if (state.evidence) pairs.push(["evidence", "1"]);
    if (view.mode !== VIEWS[0]) pairs.push(["view", view.mode]);
    if (view.above !== usualAbove()) pairs.push(["above", view.above === null ? "" : String(view.above)]);
    if (view.of !== view.usual) pairs.push(["of", view.of]);
    if (view.langAsked) pairs.push(["lang", page.lang()]);
    return pairs.map(([key, text]) => `${written(key)}=${written(text)}`).join("&");
  };

  // The threshold that the file begins with.
  const usualAbove = () => page.engine.start.above ?? null;

  // The state and view of a fragment, and what of it was not understood, as {state, view, problems}.
  page.restored = (fragment, view) => {
    const state = page.startState();
    const found = { state, view: { ...view, mode: VIEWS[0], above: usualAbove(), of: view.usual }, problems: [] };
    if (fragment.length > LONGEST) {
      found.problems.push(page.say("link_long"));
      return found;
    }
    const late = [];
    for (const part of fragment.replace(/^#/, "").split("&").filter(Boolean)) {
      const cut = part.indexOf("=");
      const [key, text] = [read(cut < 0 ? part : part.slice(0, cut)), cut < 0 ? "" : read(part.slice(cut + 1))];
      if (key === null || text === null) found.problems.push(page.say("link_broken", { part: part.slice(0, 60) }));
      else if (!plain(key, text, found)) late.push([key, text]);
    }
    for (const [key, text] of late) edit(key, text, found);
    if (!page.quantityOf(page.app.plain(state), found.view.of)) {
      found.problems.push(page.say("link_value", { key: "of", text: found.view.of.slice(0, 60) }));
      found.view.of = view.usual;
    }
    return found;
  };

  // Take one of the link's own keys; false where the key is a prior's.
  const plain = (key, text, { state, view, problems }) => {
    const wrong = () => problems.push(page.say("link_value", { key, text: text.slice(0, 60) }));
    const one = (list, take) => (list.includes(text) ? take() : wrong());
    if (key === "set") one(page.engine.sets.map((set) => set.name), () => { state.set = text; });
    else if (key === "gpu") one(["", ...page.engine.gpus.map((gpu) => gpu.name)], () => { state.gpu = text; });
    else if (key === "evidence") state.evidence = text === "1";
    else if (key === "view") one(VIEWS, () => { view.mode = text; });
    else if (key === "of") view.of = text;
    else if (key === "lang") one(Object.keys(page.catalogue), () => { view.langAsked = text; });
    else if (key === "year" && page.years().length) one(page.years().map(String), () => { state.year = Number(text); });
    else if (key === "above") {
      const value = page.parseNumber(text);
      if (Number.isFinite(value)) view.above = value;
      else if (!text) view.above = null;
      else wrong();
    } else return false;
    return true;
  };

  // Take an edit of a prior, `know.` before those that are known; an empty one takes it back.
  const edit = (key, text, { state, problems }) => {
    const known = key.startsWith("know.");
    const name = known ? key.slice(5) : key;
    const prior = page.priorOf(page.app.plain(state), name);
    if (!prior || (known && prior.grows)) {
      problems.push(page.say("link_name", { key: key.slice(0, 60) }));
      return;
    }
    const part = known ? state.knows : state.edits;
    if (text.trim()) part[name] = text;
    else delete part[name];
  };

  // A copy of the state that the file begins with.
  page.startState = () => {
    const { start } = page.engine;
    return {
      set: start.set, gpu: start.gpu || "", year: page.years()[page.years().length - 1] ?? null, edits: { ...start.edits }, knows: { ...start.knows },
      evidence: Boolean(start.evidence),
    };
  };

  // The years of the page, none where it has none.
  page.years = () => (page.engine.data.years ? page.engine.data.years.list : []);

  // Whether two states are the same.
  page.sameState = (a, b) => {
    const key = (s) => JSON.stringify([s.set, s.gpu, s.evidence, s.year, ...[s.edits, s.knows].map((part) => (
      Object.keys(part).sort().map((name) => [name, part[name]])))]);
    return key(a) === key(b);
  };

  // The states that can be gone back to, and forward again.
  page.history = (first) => {
    const states = [first];
    let now = 0;
    return {
      push: (state) => {
        if (page.sameState(states[now], state)) return false;
        states.splice(now + 1, Infinity, state);
        if (states.length > 500) states.shift();
        now = states.length - 1;
        return true;
      },
      step: (by) => {
        now = Math.min(Math.max(now + by, 0), states.length - 1);
        return states[now];
      },
      canUndo: () => now > 0,
      canRedo: () => now < states.length - 1,
    };
  };

  // A state with an edit of one prior: `part` is "edits" or "knows"; an empty text takes both back.
  page.edited = (state, name, part, text) => {
    const next = { ...state, edits: { ...state.edits }, knows: { ...state.knows } };
    delete next.knows[name];
    delete next.edits[name];
    if (text) next[part][name] = text;
    return next;
  };
})();
