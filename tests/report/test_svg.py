"""Drawings inside a page: plain HTML elements whose ids are theirs alone."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from report_results import HOSTILE, figure

from scalinglaws.report.draw import render
from scalinglaws.report.svg import inline

SVG = b"""<?xml version="1.0"?><!DOCTYPE svg>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="10pt" height="20pt" viewBox="0 0 10 20" version="1.1">
<metadata>made today</metadata>
<!-- a </script> comment -->
<defs><style>* {fill: red}</style><clipPath id="p1"><rect/></clipPath></defs>
<g clip-path="url(#p1)" style="fill: #ff0000"><use xlink:href="#p1"/><text>a &lt;b&gt;</text></g>
</svg>"""


def test_ids_and_references_are_prefixed_and_colours_are_not():
    root = ET.fromstring(inline(SVG, prefix="fig-", label="x"))
    assert root.find("defs/clipPath").get("id") == "fig-p1"
    assert root.find("g").attrib == {"clip-path": "url(#fig-p1)", "style": "fill: #ff0000"}
    assert root.find("g/use").attrib == {"href": "#fig-p1"}


def test_only_the_drawing_is_left():
    text = inline(SVG, prefix="fig-", label="x")
    assert text.startswith("<svg ")
    assert not re.search(r"xmlns|xlink|<\?|<!|metadata|<style|today|</script>", text)


def test_the_page_decides_the_size_and_the_viewbox_the_shape():
    root = ET.fromstring(inline(SVG, prefix="fig-", label="x"))
    assert root.get("viewBox") == "0 0 10 20"
    assert not {"width", "height"} & set(root.keys())
    assert root.get("style") == "--width: 10pt"  # what it was laid out for, for the page to use


def test_text_and_label_are_escaped():
    text = inline(SVG, prefix="fig-", label='"><script>')
    assert "<script" not in text
    assert "<text>a &lt;b&gt;</text>" in text
    assert ET.fromstring(text).get("aria-label") == '"><script>'
    assert ET.fromstring(text).get("role") == "img"


@pytest.mark.parametrize(
    "label",
    [
        " ".join(HOSTILE),
        "\ud800 lone surrogate, \u202e right to left, 😀",
        "\ufffe\uffff",
    ],
)
def test_any_label_can_be_drawn_into_a_page(label: str):
    drawn = inline(render(figure(title=label), "svg"), prefix="fig-", label="x")
    assert not re.search(r"<(script|img|a|foreignObject)\b", drawn)
    assert label not in drawn
