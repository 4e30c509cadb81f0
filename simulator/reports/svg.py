"""Figures for a page: SVG without what a page does not need, ids of its own, and colours by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_DROPPED = {f"{{{SVG}}}{name}" for name in ("metadata", "style", "title")}
_REFERENCE = re.compile(r"(?:^|url\()#([^)]+)")
_POINT = re.compile(r"(\d+\.\d)\d+")  # tenths of a point: a fifth of a pixel on the widest page


def inlined(svg: bytes, prefix: str, label: str, colors: Mapping[str, str]) -> str:
    """An SVG file as an element for a page.

    `prefix` makes its ids unique on the page, `label` is read aloud in its place, and `colors` maps
    hexadecimal colours to CSS variables, so that the page's scheme is the figure's.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _DROPPED:
                parent.remove(child)
    used = {name for e in root.iter() for value in e.attrib.values() for name in _REFERENCE.findall(value)}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            name = "href" if key == f"{{{XLINK}}}href" else key
            if name != "id" or value in used:
                element.set(name, _renamed(name, value, prefix, colors))
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ElementTree.tostring(root, encoding="unicode")


def _renamed(name: str, value: str, prefix: str, colors: Mapping[str, str]) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name == "href" and value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    if name == "clip-path":
        return re.sub(r"url\(#", f"url(#{prefix}-", value)
    if name in ("d", "points"):
        return _POINT.sub(r"\1", value)
    if name == "style":
        value = re.sub(r"url\(#", f"url(#{prefix}-", value)
        for color, variable in colors.items():
            value = value.replace(color, f"var({variable})")
    return value
