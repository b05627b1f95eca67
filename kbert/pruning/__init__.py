"""Fine-tuned models with fewer layers, attention heads and feed-forward neurons: which ones, and without them."""
