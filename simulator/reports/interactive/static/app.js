(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const REST = 140; // ms without a move, after which the rest is computed
  const frames = [];
  let asked = false;
  let resting = 0;
  let turn = 0; // of what is computed at rest: an older one stops
  let dragged = null;

  // Do something in the next frame, with all else that waits for it.
  page.nextFrame = (what) => {
    if (what) frames.push(what);
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      for (const each of frames.splice(0)) each();
      paint();
    });
  };

  // Bring what is seen first to the state: in a frame, in place.
  const paint = () => {
    const { app } = page;
    if (!app.dirty) return;
    app.dirty = false;
    app.refresh();
    if (dragged) page.showDragged(dragged);
    page.showTiles();
    if (page.isSeen("summary")) page.showTable();
    if (page.isSeen("sentence")) page.showSentence();
    if (page.isSeen("chosen")) page.showChosen();
    later();
  };

  // The rest, once nothing has moved for a while.
  const later = () => {
    clearTimeout(resting);
    turn += 1;
    page.at("answers").classList.add("waiting");
    resting = setTimeout(() => rest(turn, [
      page.showPriors, page.showTable, page.showSentence, page.showMenu, page.showChosen, page.tellChosen,
      page.showBeyond, page.showYears, page.showHeader, page.tellSoon, pass, page.showMoved, page.showTornado, page.showNext, page.showCrossover,
      page.showModalities, page.showDemand, page.showAll,
    ]), REST);
  };

  // Where a drag has paused its state stands in the address, as an entry that the end of the drag replaces.
  const pass = () => {
    const { app } = page;
    if (app.state === app.made) return;
    address(app.passing ? "replaceState" : "pushState");
    app.passing = true;
  };

  // One part after the other in idle time, each may give further parts; a newer state stops the older one's.
  const rest = (mine, parts) => {
    if (mine !== turn) return;
    if (!parts.length) {
      page.at("answers").classList.remove("waiting");
      page.mark(document.documentElement, "data-ready", "true");
      return;
    }
    const more = parts[0]() || [];
    const next = () => rest(mine, [...more, ...parts.slice(1)]);
    if (window.requestIdleCallback) requestIdleCallback(next, { timeout: 300 });
    else setTimeout(next, 0);
  };

  const hidden = new Set();

  // Watch which parts are on the screen: what is not need not be painted in a frame.
  const watch = (ids) => {
    const watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) hidden.delete(target.id);
        else hidden.add(target.id);
        if (isIntersecting) page.app.redraw();
      }
    });
    for (const id of ids) watcher.observe(page.at(id));
  };

  // Whether a part may be on the screen.
  page.isSeen = (id) => !hidden.has(id);

  const plains = new Map();

  // The state of the page, and its changes.
  const makeApp = (engine) => {
    const start = page.startState();
    const base = engine.world(start);
    const { of = base.headline[base.headline.length - 1], above = null } = engine.start;
    const usual = page.quantityOf(base, of) ? of : base.quantities[0].name;
    return {
      get base() { return base.at(this.state.year); },
      world: base, state: start, made: start, passing: false, dirty: false, changed: false,
      history: page.history(start),
      view: { of: usual, usual, mode: "density", above, langAsked: "" },
      plain: plainOf, refresh, drag, make, see, redraw,
      whence,
    };
  };

  // Whence the numbers are: prior set, draws, seed and version.
  const whence = () => {
    const { app: { world, state }, engine } = page;
    const set = world.name + (state.evidence && world.hasEvidence ? page.say("with_evidence") : "");
    const draws = engine.draws.toLocaleString("en-US");
    return page.say("whence", { set, draws, seed: engine.seed, version: engine.version });
  };

  // The world of a state without its edits: what each prior is by itself.
  const plainOf = (state) => {
    const key = `${state.set}\n${state.gpu}`;
    if (!plains.has(key)) {
      plains.set(key, page.engine.world({ set: state.set, gpu: state.gpu, edits: {}, knows: {}, evidence: false }));
    }
    return plains.get(key).at(state.year);
  };

  // The world of the state, where that has changed.
  const refresh = () => {
    const { app } = page;
    if (app.shown === app.state) return;
    app.shown = app.state;
    app.world = page.engine.world(app.state, app.state !== app.made);
    app.changed = !page.sameState({ ...app.state, year: null }, { ...app.history.first, year: null });
    app.view.of = app.view.of.replace(/@\d+$/, `@${app.world.year}`);
    if (!page.quantityOf(app.world, app.view.of)) {
      app.view.of = page.quantityOf(app.world, app.view.usual) ? app.view.usual : app.world.headline[0];
      app.view.above = null;
    }
  };

  // A change that goes on: shown, and not yet made.
  const drag = (state, card = null) => {
    dragged = card;
    page.app.state = state;
    page.app.dirty = true;
    page.nextFrame();
  };

  // A change that is made: it can be undone, and stands in the address.
  const make = (state) => {
    const { app } = page;
    app.made = state;
    app.shown = null; // what went by was rough
    drag(state, dragged);
    if (app.history.push(state) || app.passing) address(app.passing ? "replaceState" : "pushState");
    app.passing = false;
    page.showButtons();
  };

  // A change of what is looked at: quantity, picture, threshold; `going` while a handle is dragged.
  const see = (change, going = false) => {
    const { app } = page;
    const other = Object.hasOwn(change, "of") && change.of !== app.view.of;
    Object.assign(app.view, other ? { above: null } : {}, change);
    app.dirty = true;
    if (other && page.showMenu) page.showMenu();
    page.nextFrame();
    if (!going) address("replaceState");
  };

  // Paint again, as after a change of width.
  const redraw = () => {
    page.app.dirty = true;
    page.nextFrame();
  };

  // Put the state into the address; a browser that refuses loses only that.
  const address = (how) => {
    const fragment = page.fragment(page.app.state, page.app.view);
    try {
      history[how](null, "", `${location.pathname}${location.search}#${fragment}`);
    } catch {
      // a file's address cannot be changed in every browser
    }
  };

  // Take the state of the address, and say what of it was not understood.
  const restore = () => {
    const { app } = page;
    const found = page.restored(location.hash, app.view);
    app.view = found.view;
    if (found.view.langAsked) speak(found.view.langAsked);
    const problem = page.at("link-problem");
    page.put(problem, found.problems.length ? page.say("link_problem", { what: found.problems.join(" ") }) : "");
    problem.hidden = !found.problems.length;
    dragged = null;
    app.made = found.state;
    drag(found.state);
    app.history.push(found.state);
    app.passing = false;
    page.showButtons();
  };

  // Go back to a state, or forward again.
  const step = (by) => {
    dragged = null;
    const state = page.app.history.step(by);
    page.app.made = state;
    drag(state);
    address("replaceState");
    page.showButtons();
    page.status(page.say(by < 0 ? "undone" : "redone"));
  };

  // Whether undo, redo and reset have something to do.
  page.showButtons = () => {
    const { app } = page;
    page.at("undo").disabled = !app.history.canUndo();
    page.at("redo").disabled = !app.history.canRedo();
    page.at("reset-all").disabled = page.sameState(app.state, app.history.first);
  };

  // Speak a language: all words of the page anew.
  const speak = (lang) => {
    page.setLang(lang);
    for (const id of ["en", "zh"]) page.mark(page.at(`lang-${id}`), "aria-pressed", String(page.lang() === id));
    redraw();
  };

  // What the header's menus and buttons do.
  const connect = () => {
    page.at("undo").addEventListener("click", () => step(-1));
    page.at("redo").addEventListener("click", () => step(1));
    page.at("reset-all").addEventListener("click", () => make(page.startState()));
    page.at("set").addEventListener("change", (event) => choose({ set: event.target.value }));
    page.at("gpu").addEventListener("change", (event) => choose({ gpu: event.target.value }));
    page.at("year").addEventListener("change", (event) => choose({ year: Number(event.target.value) }));
    page.at("evidence-on").addEventListener("change", (event) => choose({ evidence: event.target.checked }));
    page.at("filter").addEventListener("input", page.filter);
    page.at("only-edited").addEventListener("change", page.filter);
    page.at("all").addEventListener("toggle", page.showAll);
    for (const lang of ["en", "zh"]) {
      page.at(`lang-${lang}`).addEventListener("click", () => {
        page.app.view.langAsked = lang;
        speak(lang);
        address("replaceState");
      });
    }
    document.addEventListener("click", follow);
    window.addEventListener("popstate", restore);
    document.addEventListener("keydown", (event) => {
      const field = event.target.closest && event.target.closest("input:not([type=checkbox]), textarea, select");
      if (field || event.altKey || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      const by = key === "z" ? (event.shiftKey ? 1 : -1) : key === "y" ? 1 : 0;
      if (!by) return;
      event.preventDefault();
      if (by < 0 ? page.app.history.canUndo() : page.app.history.canRedo()) step(by);
    });
  };

  // A link within the page: to its place, and the address stays that of the state.
  const follow = (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const target = page.at(link.getAttribute("href").slice(1));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView({ block: "start" });
    if (!target.hasAttribute("tabindex")) page.mark(target, "tabindex", "-1");
    target.focus({ preventScroll: true });
  };

  // Choose a set, a GPU or the evidence; edits of priors that the new set has not are left behind.
  const choose = (change) => {
    dragged = null;
    const state = { ...page.app.state, ...change };
    const names = new Set(page.priorsOf(plainOf(state)).map((prior) => prior.name));
    const kept = (part) => Object.fromEntries(Object.entries(part).filter(([name]) => names.has(name)));
    make({ ...state, edits: kept(state.edits), knows: kept(state.knows) });
  };

  // Begin: the page over an engine.
  page.start = (engine) => {
    page.engine = engine;
    page.app = makeApp(engine);
    page.app.history.first = page.app.state;
    page.makeHeader();
    page.makeChosen();
    page.makeYears();
    page.makeMore();
    page.connectOut();
    connect();
    speak((navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en");
    restore();
    watch(["summary", "sentence", "chosen"]);
  };

  page.start(window.engine);
})();
