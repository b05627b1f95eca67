"""The texts on which a file differs most from the full model, with the words that its answer rests on."""

import html
from collections.abc import Sequence

from kbert.export.attribution import MOST_TOKENS, TokenAttribution
from kbert.export.report import FileReport
from kbert.export.verify import Disagreement

LONGEST_TEXT = 600  # characters shown
STRONGEST_ALPHA = 0.6  # the letters must stay readable on it
FAINTEST_SHARE = 0.05  # of the text's largest weight: less is not worth a colour
SAID_TOKENS = 3


def worst_texts(file: FileReport) -> str:
    """A list of the texts; their tokens are coloured where the report has attributions."""
    worst = file.verdict.worst
    attributions: Sequence[Sequence[TokenAttribution]] = file.attributions or [()] * len(worst)
    cards = (_card(example, tokens) for example, tokens in zip(worst, attributions, strict=True))
    return '<ol class="texts">\n' + "\n".join(cards) + "\n</ol>"


LEGEND = (
    '<p><mark class="for" style="--strength:0.45">Blue, underlined</mark>: the word speaks for the full model\'s '
    'label; <mark class="against" style="--strength:0.45">red, dashed</mark>: against it. The stronger the colour, the '
    "more its probability changes in the exported file when the word is masked. "
    f"The first {MOST_TOKENS} tokens of a text are tried.</p>"
)


def coloured(text: str, tokens: Sequence[TokenAttribution]) -> str:
    """A text as HTML with a `<mark>` around each token that matters, at most as strong as the text's largest weight."""
    largest = max((abs(token.weight) for token in tokens), default=0.0)
    parts, place = [], 0
    for token in tokens:
        share = abs(token.weight) / largest if largest else 0.0
        if share < FAINTEST_SHARE or token.start < place or token.end > len(text):
            continue
        kind = "for" if token.weight > 0 else "against"
        parts += [
            html.escape(text[place : token.start]),
            f'<mark class="{kind}" style="--strength:{share * STRONGEST_ALPHA:.2f}" title="{token.weight:+.3f}">'
            f"{html.escape(text[token.start : token.end])}</mark>",
        ]
        place = token.end
    return "".join(parts) + html.escape(text[place:])


def strongest(text: str, tokens: Sequence[TokenAttribution]) -> str:
    """The same in words: the tokens that speak most for the label, and most against it."""
    largest = max((abs(token.weight) for token in tokens), default=0.0)
    telling = [token for token in tokens if abs(token.weight) > FAINTEST_SHARE * largest]
    by_weight = sorted(telling, key=lambda token: -token.weight)
    sides = {
        "for": [token for token in by_weight if token.weight > 0][:SAID_TOKENS],
        "against": [token for token in reversed(by_weight) if token.weight < 0][:SAID_TOKENS],
    }
    said = [
        f"{side} it: " + ", ".join(f"{text[t.start : t.end]} {t.weight:+.3f}" for t in found)
        for side, found in sides.items()
        if found
    ]
    return "; ".join(said)


def _card(example: Disagreement, tokens: Sequence[TokenAttribution]) -> str:
    text = example.text if len(example.text) <= LONGEST_TEXT else f"{example.text[:LONGEST_TEXT]}…"
    shown = [token for token in tokens if token.end <= LONGEST_TEXT]
    # The probability there is that of another answer.
    other = example.full != example.exported and example.exported_probability is not None
    beside = f", {html.escape(example.full)}" if other else ""
    answers = (
        f"expected <b>{html.escape(example.expected)}</b> · "
        f"full model <b>{html.escape(example.full)}</b>{_number(example.full_probability)} · "
        f"exported <b>{html.escape(example.exported)}</b>{beside}{_number(example.exported_probability)}"
    )
    words = strongest(example.text, shown)
    said = f'<p class="answers">{html.escape(words)}</p>' if words else ""
    changed = ' class="changed"' if example.full != example.exported else ""
    # A text of another language may run from right to left.
    shown_text = f'<p class="text" dir="auto">{coloured(text, shown)}</p>'
    return f'<li{changed}>{shown_text}<p class="answers">{answers}</p>{said}</li>'


def _number(probability: float | None) -> str:
    return "" if probability is None else f" {probability:.3f}"
