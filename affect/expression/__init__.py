"""What a face shows: one CNN, seven probabilities from each of two heads."""

from affect.expression.model import load, read_card
from affect.expression.network import HEADS
from affect.expression.reader import Reader
from affect.expression.runtimes import RUNTIMES
from affect.expression.steady import steady

__all__ = ["HEADS", "RUNTIMES", "Reader", "load", "read_card", "steady"]
