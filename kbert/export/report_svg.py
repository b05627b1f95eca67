"""A figure of matplotlib as SVG inside a page: in the page's colours and type, with words for those who do not see."""

import io
from typing import Any
from xml.etree import ElementTree

from kbert.errors import InputError
from kbert.extras import require

# Colours that no figure has by chance; in the page they are the variables of its light or dark style.
INK, LINE = "#010203", "#010204"
SERIES = ("#010211", "#010212", "#010213", "#010214", "#010215", "#010216")
_VARIABLES = {INK: "var(--ink)", LINE: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)
}
WIDTH_INCHES = 4.2  # on a phone's screen a figure keeps its size, on a desktop's it grows by a third
SVG_SPACE, LINK_SPACE = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
STYLE = {
    "axes.edgecolor": LINE,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "font.size": 10,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.color": LINE,
    "ytick.labelcolor": INK,
    # Letters stay letters: small, searchable, and in the page's own type.
    "svg.fonttype": "none",
}


def has_matplotlib() -> bool:
    try:
        require("matplotlib", extra="report")
    except InputError:
        return False
    return True


def inline_svg(draw: Any, *, name: str, label: str, height_inches: float = 3.0) -> str:
    """Draws a figure as an `<svg>` element; the same drawing gives the same text.

    Args:
        draw: called with the axes.
        name: starts the ids inside, so that two figures of a page do not share any.
        label: what the figure shows, read out by screen readers.
        height_inches: the width is `WIDTH_INCHES`.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axisbelow(True)
        draw(axes)
        handles, names = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, names, loc="outside lower left", handlelength=1.5, borderpad=0)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return _for_a_page(text.getvalue(), name, label)


def _for_a_page(svg: str, name: str, label: str) -> str:
    root = ElementTree.fromstring(svg)
    metadata = root.find(f"{SVG_SPACE}metadata")
    if metadata is not None:
        root.remove(metadata)
    for element in root.iter():
        # HTML knows the names of SVG without their namespace.
        element.tag = element.tag.removeprefix(SVG_SPACE)
        link = element.attrib.pop(f"{LINK_SPACE}href", None)
        if link:
            element.set("href", f"#{name}-{link.removeprefix('#')}")
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.attrib['id']}")
        if "clip-path" in element.attrib:
            element.set("clip-path", element.attrib["clip-path"].replace("url(#", f"url(#{name}-"))
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-label", label)
    page = ElementTree.tostring(root, encoding="unicode", method="html")
    for colour, variable in _VARIABLES.items():
        page = page.replace(colour, variable)
    return page
