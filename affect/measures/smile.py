"""The smile index and how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from affect.contracts import Moment, Reading

BLOCK_S = 3  # neighbouring seconds repeat each other; they are drawn together
DRAWS = 2000


def smile_index(faces: Iterable[Reading]) -> float | None:
    """Happy faces / readable faces, in [0, 1]; None without a readable face."""
    smiles = [face.smile for face in faces if face.readable]
    return sum(smiles) / len(smiles) if smiles else None


def smile_interval(moments: Iterable[Moment]) -> tuple[float, float] | None:
    """95 % interval of the smile index by a moving-block bootstrap over seconds.

    Neighbouring faces repeat each other, so single faces must not be drawn as if independent.
    The seconds with a readable face are put in order; blocks of three neighbouring ones are drawn
    with replacement until there are as many seconds again; the index of each of 2,000 such
    draws is taken, and of these the 2.5 and 97.5 percentiles (Künsch 1989, "The jackknife and
    the bootstrap for general stationary observations"). The draws are seeded: the same faces
    give the same interval.

    Where every face smiles, or none, draws cannot differ. Then the blocks count as that many
    independent looks, and the far bound is the share at which they would still all be alike one
    time in twenty (exact binomial; Clopper and Pearson 1934).

    Returns:
        (low, high) in [0, 1]; None where it could say nothing: with fewer than two blocks, or
        where every second shows the same mixture, as of one who smiles beside one who does not.
    """
    smiles: dict[int, int] = defaultdict(int)
    faces: dict[int, int] = defaultdict(int)
    for moment in moments:
        for face in moment.faces:
            if face.readable:
                second = int(moment.time_s)
                smiles[second] += face.smile
                faces[second] += 1
    seconds = sorted(faces)
    if len(seconds) < 2 * BLOCK_S:
        return None
    counts = np.array([(smiles[second], faces[second]) for second in seconds])
    rng = np.random.default_rng(0)
    blocks = -(-len(seconds) // BLOCK_S)
    drawn = []
    for _ in range(DRAWS):  # one after the other: of a long video all at once fill the memory
        starts = rng.integers(0, len(seconds) - BLOCK_S + 1, blocks)
        rows = (starts[:, None] + np.arange(BLOCK_S)).ravel()[: len(seconds)]
        happy, seen = counts[rows].sum(axis=0)
        drawn.append(happy / seen)
    low, high = np.percentile(drawn, (2.5, 97.5)).tolist()
    if low == high == 1:
        return 0.05 ** (1 / blocks), 1.0
    if low == high == 0:
        return 0.0, 1 - 0.05 ** (1 / blocks)
    return (low, high) if low < high else None
