"""Training on the rows of the embedding table that the data touches: the same result, for less work.

AdamW updates every row of the table at every step, though a batch of short texts touches a few hundred of thirty
thousand. A row that no text of the run contains has a zero gradient throughout, so its moments stay zero and all that
ever happens to it is weight decay: a factor known beforehand. Those rows are left out of training and multiplied by
that factor at the end, which is what training on the whole table does to them (up to float rounding).
"""

import dataclasses

import numpy as np

from kbert.checkpoints import extract_weights
from kbert.data.batching import TokenizedTexts
from kbert.tasks.task import BertTask

TOKEN_TABLE = "embeddings.token"


class CompactVocabulary:
    """The rows of a token table that a run needs, and the way there and back.

    Args:
        used: ids that occur in the run; sorted here. Position i of the small table is row `used[i]` of the whole one.
        table: the whole table as it was before training, float32 (vocabulary_size, hidden_dim).
    """

    def __init__(self, used: np.ndarray, table: np.ndarray) -> None:
        self.used = np.unique(used)
        self.table = table
        self._new_ids = np.zeros(len(table), "int32")
        self._new_ids[self.used] = np.arange(len(self.used), dtype="int32")

    def translate(self, texts: TokenizedTexts) -> TokenizedTexts:
        """The same texts with ids of the small table."""
        return dataclasses.replace(texts, token_ids=self._new_ids[texts.token_ids])

    def shrink(self, model: BertTask) -> BertTask:
        """A copy of the model with the small table. It knows ids only: it has no tokenizer."""
        from kbert.backbone import BertBackbone
        from kbert.tasks.kinds import task_of_problem

        config = model.backbone.config.replace(vocabulary_size=len(self.used))
        backbone = BertBackbone(config, dtype=model.backbone.dtype_policy)
        small = task_of_problem(backbone, dataclasses.replace(model.problem, tokenizer=None))
        weights = extract_weights(model.named_variables())
        weights[TOKEN_TABLE] = self.table[self.used]
        for name, variable in small.named_variables().items():
            variable.assign(weights[name])
        # The states of the dropout seeds: the copy drops what the model would have dropped.
        for ours, theirs in zip(small.non_trainable_variables, model.non_trainable_variables, strict=True):
            ours.assign(theirs)
        return small

    def expand(self, small_table: np.ndarray, decay: float) -> np.ndarray:
        """The whole table after training; `decay` is what weight decay left of the rows that were not used."""
        table = (self.table * np.float32(decay)).astype("float32")
        table[self.used] = small_table
        return table
