"""A table of names: where each of our weights lies in somebody else's checkpoint."""

import dataclasses
import re
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class NameTable:
    """Our names to theirs. `{i}` stands for the number of a layer.

    `modules` maps layers (`layers.{i}.attention.query`), `leaves` the weights inside them (`kernel`), and `weights`
    whole names that are no layer's (`embeddings.token`).
    """

    modules: Mapping[str, str]
    leaves: Mapping[str, str]
    weights: Mapping[str, str]
    separator: str

    def theirs(self, ours: str) -> str:
        """The name in their checkpoint of the weight that we call `ours`."""
        number = re.search(r"layers\.(\d+)\.", ours)
        pattern = re.sub(r"layers\.\d+\.", "layers.{i}.", ours)
        if pattern in self.weights:
            found = self.weights[pattern]
        else:
            module, leaf = pattern.rsplit(".", 1)
            found = self.modules[module] + self.separator + self.leaves[leaf]
        return found.replace("{i}", number.group(1)) if number else found

    def ours(self, num_layers: int) -> list[str]:
        """All our names that this table knows, for an encoder of so many layers."""
        names = list(self.weights)
        for module in self.modules:
            for leaf in ("gamma", "beta") if module.endswith("norm") else ("kernel", "bias"):
                numbers = range(num_layers) if "{i}" in module else (0,)
                names += [f"{module}.{leaf}".replace("{i}", str(i)) for i in numbers]
        return names
