"""Shards written on Apache Beam: on one machine or on many that share the folder."""

from collections.abc import Sequence

from kbert.data.shard_plan import ShardPlan
from kbert.data.shard_writer import write_shard
from kbert.errors import InputError
from kbert.extras import require


def write_shards_with_beam(shards: Sequence[ShardPlan], options: Sequence[str] = ()) -> None:
    """Writes every shard in a pipeline with these options, such as `--runner=DirectRunner`.

    Text and output folder must have the same paths wherever the runner works.

    Raises:
        InputError: apache-beam is not installed, or the text cannot be read; with file and line number.
    """
    beam = require("apache_beam", extra="beam")
    pipeline_options = require("apache_beam.options.pipeline_options", extra="beam").PipelineOptions(list(options))
    try:
        with beam.Pipeline(options=pipeline_options) as pipeline:
            # Without Reshuffle a runner fuses the steps, and one worker gets all shards.
            _ = pipeline | beam.Create(list(shards)) | beam.Reshuffle() | beam.Map(write_shard)
    except InputError as error:
        raise InputError(str(error).split(" [while running")[0]) from None
