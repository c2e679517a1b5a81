"""Write a run whose weights lie between those of two others, of one trunk each and alike.

A network that went on learning after it had ended answers better, between where it began and where
it ended, than at either (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    python docs/blend.py --run fitted --other begun --share 0.8 --out blended
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from affect.training import configuration as configurations
from affect.training import run_folder
from affect.training.publish import Run


def main() -> None:
    """Parse, blend, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--run", "--other", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--share", type=float, required=True, help="of --run, in [0, 1]")
    options = parser.parse_args()
    one, other = (
        Run(folder, configurations.read(folder / run_folder.CONFIGURATION)).network()
        for folder in (options.run, options.other)
    )
    share = options.share
    one.set_weights(
        [
            share * mine + (1 - share) * theirs
            for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True)
        ]
    )
    options.out.mkdir(parents=True, exist_ok=True)
    one.save_weights(options.out / run_folder.WEIGHTS)
    for name in (run_folder.CONFIGURATION, run_folder.LOG):
        shutil.copyfile(options.run / name, options.out / name)


if __name__ == "__main__":
    main()
