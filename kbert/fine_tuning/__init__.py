"""Ways to fine-tune that are off by default: each file is one, with the paper that it comes from."""
