"""A drawn SVG made fit to stand inside an HTML page, beside others."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_REFERENCE = re.compile(r"#([A-Za-z_][\w.-]*)")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_UNWANTED = ("metadata", "style")  # the page's own style sheet says what `style` said


def inline(svg: bytes, *, prefix: str, label: str) -> str:
    """The <svg> element, to be placed in HTML as it is.

    prefix: put before every id and every reference to one, so that no two figures of a page
        share an id; label: what a screen reader says.

    The drawing is parsed and written again: comments, the XML declaration and namespaces are
    gone, and every text is escaped by the writer.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag)
        # In HTML both `href` and the older `xlink:href` are plain `href`.
        element.attrib = {_NAMESPACE.sub("", k): v for k, v in element.attrib.items()}
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, prefix + value)
            elif name == "href" or "url(" in value:
                element.set(name, _REFERENCE.sub(rf"#{prefix}\1", value))
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in _UNWANTED]:
            parent.remove(child)
    # The viewBox gives the shape, the page the size; --width is what it was laid out for.
    root.set("style", f"--width: {root.get('width')}")
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ET.tostring(root, encoding="unicode")
