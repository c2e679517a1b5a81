"""What a face shows: one CNN, seven probabilities from each of two heads."""
