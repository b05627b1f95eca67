"""What a checkpoint holds, for a person to read."""

from typing import Any

from kbert.checkpoints.checkpoint import Checkpoint


def describe(checkpoint: Checkpoint) -> dict[str, Any]:
    """Sizes, heads, labels and the facts of the run, without reading more than the checkpoint."""
    heads = sorted({name.split(".")[0] for name in checkpoint.weights} - {"embeddings", "layers", "pooler"})
    described: dict[str, Any] = {
        "source": checkpoint.source,
        "kind": "run" if checkpoint.run else "checkpoint",
        "config": checkpoint.config.to_dict(),
        "parameters": checkpoint.parameters,
        "heads": heads,
    }
    if checkpoint.labels is not None:
        described["labels"] = list(checkpoint.labels)
    if not checkpoint.tied_decoder:
        described["tied_decoder"] = False
    described |= {key: value for key, value in checkpoint.run.items() if key not in ("labels", "history")}
    return described
