"""What the tasks of BERT are asked and how each is scored."""
