"""The page: from a move of a handle to the picture, over what its formulas alone take on its draws; in Chromium."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

ROUNDS, WARM, LIMIT = 60, 20, 5.0  # rounds of both, of which the first make the browser warm
FORMULAS = """
const w = page.app.world, { constants } = w.model, plan = w.model.plan(w.quantities.map((q) => q.name));
const inputs = plan.map((q) => q.reads.map((n) => n in constants ? engine.constant(constants[n]) : w.values(n)));
const kernels = engine.kernels[w.variant];
return Array.from({ length: arguments[0] }, () => {
  const begin = performance.now();
  plan.forEach((q, i) => kernels[q.name](inputs[i].reduce((n, v) => Math.max(n, v.length), 1), ...inputs[i]));
  return performance.now() - begin;
});
"""
DRAG = """
const [prior, rounds] = arguments, frame = window.requestAnimationFrame;
const handle = document.querySelector(`[data-prior=${prior}] [role=slider]`);
handle.scrollIntoView({ block: "center" });
const box = handle.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
const given = (dx) => ({ bubbles: true, clientX: x + dx, clientY: y, pointerId: 1 });
const event = (kind, dx) => handle.dispatchEvent(new PointerEvent(kind, given(dx)));
handle.setPointerCapture = () => undefined;
window.requestAnimationFrame = (f) => { f(performance.now()); return 0; };  // the frame's work at once, to be timed
event("pointerdown", 0);
const times = [];
for (let k = 0; k < rounds; k++) {
  const begin = performance.now();
  event("pointermove", 3 + 0.7 * k);  // each to a place of its own
  document.body.getBoundingClientRect();  // its layout too
  times.push(performance.now() - begin);
}
event("pointerup", 3);
window.requestAnimationFrame = frame;
return times;
"""


def main() -> None:
    """A line for each set: the median and the largest ratio over its handles."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from simulator import explore, simulate
    from tests.browser import chromium, sized

    for name in ("plappert-2024", "calibrated-2026"):
        with tempfile.TemporaryDirectory() as folder, chromium(f"{folder}/browser") as browser:
            file = Path(folder) / "page.html"
            file.write_text(explore(simulate(name, draws=16384)), encoding="utf-8")
            sized(browser, 1280, 900)
            browser.get(file.as_uri())
            browser.implicitly_wait(30)
            browser.find_element("css selector", "html[data-ready=true]")
            alone = statistics.median(browser.execute_script(FORMULAS, ROUNDS)[WARM:])
            priors = browser.execute_script(
                "return [...document.querySelectorAll('[role=slider]')].map((h) => h.closest('[data-prior]'))"
                ".filter(Boolean).map((c) => c.dataset.prior)"
            )
            took = {p: statistics.median(browser.execute_script(DRAG, p, ROUNDS)[WARM:]) for p in dict.fromkeys(priors)}
        ratios = {p: t / alone for p, t in took.items()}
        worst = max(ratios, key=lambda p: ratios[p])
        middle = statistics.median(ratios.values())
        print(
            f"{name}: formulas {alone:.1f} ms; a drag of {len(ratios)} priors x {middle:.1f} in the median, "
            f"x {ratios[worst]:.1f} at most ({worst}); limit x {LIMIT:g}"
        )
        for p in sorted(ratios, key=lambda p: -ratios[p])[:6]:
            print(f"  {p}: {took[p]:.1f} ms")


if __name__ == "__main__":
    main()
