"""Which columns of a table, or fields of a JSON object, hold what."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColumnNames:
    """Names of columns; None takes the usual ones.

    `text_b` is the second text of a pair, `label` the label, the labels or the score. `separator` stands between the
    labels of a field that holds several. `names` are the columns of a file without a header, in their order.
    """

    text: str | None = None
    text_b: str | None = None
    label: str | None = None
    separator: str = ","
    names: tuple[str, ...] | None = None


USUAL = ColumnNames()
