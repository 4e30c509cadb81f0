"""Every link within the built site leads somewhere, and nothing is fetched from elsewhere.

python docs/_ext/links.py docs/_build/html
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
ALONE = ("explore",)  # pages that are one file and have a policy of their own: looked at as targets only


class Page(HTMLParser):
    """The ids of a page, where its links lead, and what a browser fetches to show it."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids, self.links, self.fetched = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note what an element is called and where it leads."""
        given = dict(attrs)
        self.ids |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(FETCHED.get(tag, "")):
            self.fetched.append(given[FETCHED[tag]])


def broken(site: Path) -> list[str]:
    """A line for each link that leads nowhere, and for each thing that would be fetched from a network."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    found = []
    for path, page in pages.items():
        if path.stem.startswith(ALONE):
            continue
        name = path.relative_to(site.resolve())
        found += [f"{name}: {url} is fetched from a network" for url in page.fetched if urlsplit(url).netloc]
        found += [f"{name}: {url} leads nowhere" for url in page.links + page.fetched if not leads(path, url, pages)]
    return found


def leads(path: Path, url: str, pages: dict[Path, Page]) -> bool:
    """Whether a link of the page at `path` has an end; those that leave the site are not followed."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.is_file()
    alone = target.stem.startswith(ALONE)  # its address holds a state
    return alone or not parts.fragment or unquote(parts.fragment) in pages[target].ids


if __name__ == "__main__":
    faults = broken(Path(sys.argv[1]))
    print("\n".join(faults) or "every link within the site leads somewhere")
    sys.exit(bool(faults))
