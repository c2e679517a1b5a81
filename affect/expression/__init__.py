"""What a face shows: one CNN, seven probabilities from each of two heads."""

from affect.expression.model import load, read_card
from affect.expression.reader import Reader

__all__ = ["Reader", "load", "read_card"]
