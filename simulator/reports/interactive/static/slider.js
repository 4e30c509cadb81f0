(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const PAUSE = 500; // ms after the last key, when a change counts as made

  // A handle over a picture: pointer, touch and keys. `of` has frame(), scale(), value(), own(), move(x), done().
  page.slider = (of) => {
    const node = page.make("span", { class: "handle", role: "slider", tabindex: "0" });
    node.append(page.make("span", { class: "grip" }));
    const held = { x: 0, at: 0, left: 0, scale: null, waiting: false, timer: 0, moved: false };
    node.addEventListener("pointerdown", (event) => take(event, node, of, held));
    node.addEventListener("pointermove", (event) => pull(event, node, of, held));
    for (const kind of ["pointerup", "pointercancel"]) {
      node.addEventListener(kind, (event) => drop(event, node, of, held));
    }
    node.addEventListener("keydown", (event) => {
      node.classList.remove("pointed");
      press(event, of, held);
    });
    node.addEventListener("blur", () => {
      node.classList.remove("pointed");
      settle(of, held);
    });
    return node;
  };

  // Begin to drag: where the pointer is, and how far off the handle's middle.
  const take = (event, node, of, held) => {
    if (event.button) return;
    event.preventDefault();
    node.focus({ preventScroll: true });
    settle(of, held);
    held.scale = of.scale();
    held.left = of.frame().getBoundingClientRect().left;
    held.off = event.clientX - held.left - held.scale.at(of.value());
    held.moved = false;
    if (!Number.isFinite(held.off) || Math.abs(held.off) > 40) held.off = 0;
    node.setPointerCapture(event.pointerId);
    node.classList.add("held", "pointed");
    if (of.start) of.start();
  };

  // A move of the pointer: the last of a frame counts.
  const pull = (event, node, of, held) => {
    if (!node.classList.contains("held")) return;
    held.at = event.clientX - held.left - held.off;
    held.moved = true;
    if (held.waiting) return;
    held.waiting = true;
    page.nextFrame(() => {
      held.waiting = false;
      if (node.classList.contains("held")) reach(of, held);
    });
  };

  // Bring the value to where the pointer is, within the picture.
  const reach = (of, held) => {
    const [from, to] = [Math.min(held.scale.from, held.scale.to), Math.max(held.scale.from, held.scale.to)];
    const x = held.scale.back(Math.min(Math.max(held.at, from), to));
    of.move(tidy(x, held.scale));
  };

  // A value with as many digits as a pixel tells apart.
  const tidy = (x, scale) => {
    if (scale.log || !x) return page.rounded(x, 3);
    const span = Math.abs(scale.high - scale.low);
    const digits = Math.ceil(Math.log10(Math.abs(x) / span)) + 3;
    return page.rounded(x, Math.min(Math.max(digits, 1), 15));
  };

  // Let go: the last move counts, and the change is made.
  const drop = (event, node, of, held) => {
    if (!node.classList.contains("held")) return;
    if (held.moved && event.type === "pointerup") {
      held.at = event.clientX - held.left - held.off;
      reach(of, held);
    }
    node.classList.remove("held");
    of.done(held.moved);
  };

  // Arrows move by 1 %, pages by 10 %, Home and End bring the prior's own value.
  const press = (event, of, held) => {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const home = event.key === "Home" || event.key === "End";
    if ((!Object.hasOwn(steps, event.key) && !home) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [scale, now] = [of.scale(), held.timer ? held.sent : of.value()]; // keys may be quicker than frames
    const step = (steps[event.key] || 0) / 100;
    const next = scale.log ? now * (1 + step) : now + step * (scale.high - scale.low);
    if (!held.timer && of.start) of.start();
    held.sent = home ? of.own() : page.rounded(next, 4);
    of.move(held.sent);
    clearTimeout(held.timer);
    held.timer = setTimeout(() => settle(of, held), PAUSE);
  };

  // What keys have changed is made.
  const settle = (of, held) => {
    if (!held.timer) return;
    clearTimeout(held.timer);
    held.timer = 0;
    of.done(true);
  };
})();
