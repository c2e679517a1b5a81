"""The option that names a data set of labelled faces."""

from __future__ import annotations

from pathlib import Path

import click

labelled_faces = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Labelled faces: an .npz, FER2013's CSV (beside it FER+'s fer2013new.csv), "
    "or folders SPLIT/EMOTION/.",
)
