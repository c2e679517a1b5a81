from __future__ import annotations

from pathlib import Path

from affect.training import log


def row(epoch: int, ferplus: float, fer2013: float) -> dict[str, float]:
    return {"epoch": epoch, "loss": 1 / epoch, "ferplus": ferplus, "fer2013": fer2013}


def test_rows_come_back(tmp_path: Path) -> None:
    rows = [row(1, 0.5, 0.4), row(2, 0.6, 0.5)]
    assert log.read(tmp_path / "log.csv") == []
    for one in rows:
        log.write(tmp_path / "log.csv", log.joined(tmp_path / "log.csv", one))
    assert log.read(tmp_path / "log.csv") == rows


def test_a_repeated_epoch_takes_the_place_of_itself_and_what_followed(tmp_path: Path) -> None:
    log.write(tmp_path / "log.csv", [row(1, 0.5, 0.4), row(2, 0.6, 0.5), row(3, 0.7, 0.6)])
    again = row(2, 0.65, 0.5)
    assert log.joined(tmp_path / "log.csv", again) == [row(1, 0.5, 0.4), again]


def test_best_is_the_highest_sum_and_the_first_of_equals() -> None:
    rows = [row(1, 0.5, 0.4), row(2, 0.6, 0.5), row(3, 0.5, 0.6)]
    assert log.best(rows)["epoch"] == 2


def test_curves_show_every_epoch() -> None:
    figure = log.curves([row(1, 0.5, 0.4), row(2, 0.6, 0.5)])
    loss, accuracy = figure.axes
    assert list(loss.lines[0].get_ydata()) == [1.0, 0.5]
    assert [line.get_label() for line in accuracy.lines] == ["ferplus", "fer2013"]
    assert list(accuracy.lines[0].get_ydata()) == [50.0, 60.0]
