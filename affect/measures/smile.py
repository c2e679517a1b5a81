"""The smile index and how sure it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from affect.contracts import Moment, Reading

LOOK_S = 6  # so many seconds count as one look; with fewer an interval would be everything
# Neighbouring seconds repeat each other and are drawn together: at least twice the four seconds
# that answers are joined over, which alone makes neighbours alike.
BLOCK_S = 8
FEWEST_BLOCKS = 4  # of fewer, draws are too much alike
DRAWS = 2000


def smile_index(faces: Iterable[Reading]) -> float | None:
    """Happy faces / readable faces, in [0, 1]; None without a readable face."""
    smiles = [face.smile for face in faces if face.readable]
    return sum(smiles) / len(smiles) if smiles else None


def smile_interval(moments: Iterable[Moment]) -> tuple[float, float] | None:
    """95 % interval of the smile index by a moving-block bootstrap over seconds.

    Neighbouring faces repeat each other, so single faces must not be drawn as if independent.
    The seconds with a readable face are put in a ring; blocks of neighbouring ones are drawn with
    replacement until there are as many seconds again (Künsch 1989, "The jackknife and the bootstrap
    for general stationary observations"; Politis and Romano 1992, "A circular block-resampling
    procedure"). A block has 8 seconds, or twice the cube root of their number if that is more. The
    index of each of 2,000 such draws is taken, and of these the percentiles that hold 95 % for so
    few blocks (Hesterberg 2015, "What teachers should know about the bootstrap"). The draws are
    seeded: the same faces give the same interval.

    With fewer than four blocks, and where every face smiles or none, draws differ too little. Then
    each six seconds count as one independent look (Jeffreys' interval; Brown, Cai and DasGupta
    2001, "Interval estimation for a binomial proportion").

    Made-up videos of people whose faces keep an expression for some seconds have their true index
    in it 80 to 96 times of 100 (half a minute to half an hour), shorter ones more often.

    Returns:
        (low, high) in [0, 1]; None where it could say nothing: with fewer than six seconds, or
        where every second shows the same mixture, as of one who smiles beside one who does not.
    """
    happy, seen = _by_second(moments)
    seconds = len(seen)
    if seconds < LOOK_S:
        return None
    index, shares = happy.sum() / seen.sum(), happy / seen
    if 0 < index < 1 and (shares == index).all():
        return None
    length = max(BLOCK_S, round(2 * seconds ** (1 / 3)))
    blocks = seconds / length
    if blocks < FEWEST_BLOCKS or index in (0, 1):
        return _of_looks(float(index), seconds / LOOK_S)
    from scipy.special import ndtr, stdtrit

    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):  # one after the other: of a long video all at once fill the memory
        starts = rng.integers(0, seconds, math.ceil(blocks))
        rows = (starts[:, None] + np.arange(length)).ravel()[:seconds] % seconds
        drawn.append(happy[rows].sum() / seen[rows].sum())
    tail = ndtr(math.sqrt(blocks / (blocks - 1)) * stdtrit(blocks - 1, 0.025))
    low, high = np.quantile(drawn, (tail, 1 - tail)).tolist()
    return low, high


def _by_second(moments: Iterable[Moment]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many faces smile, and how many can be read, in each second that shows a readable one."""
    smiles: dict[int, int] = defaultdict(int)
    faces: dict[int, int] = defaultdict(int)
    for moment in moments:
        for face in moment.faces:
            if face.readable:
                second = int(moment.time_s)
                smiles[second] += face.smile
                faces[second] += 1
    order = sorted(faces)
    return np.array([smiles[one] for one in order]), np.array([faces[one] for one in order])


def _of_looks(share: float, looks: float) -> tuple[float, float]:
    """Jeffreys' 95 % interval of a share seen in so many independent looks."""
    from scipy.special import betaincinv

    hits, misses = share * looks + 0.5, (1 - share) * looks + 0.5
    return (
        float(betaincinv(hits, misses, 0.025)) if share else 0.0,
        float(betaincinv(hits, misses, 0.975)) if share < 1 else 1.0,
    )
