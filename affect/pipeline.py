"""The way of a video, from file to report. Only this module knows the order of the stages."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from affect import expression, faces, measures, media
from affect.contracts import (
    HIGHEST_RATE,
    AnalysisOptions,
    ExpressionModel,
    Face,
    Limits,
    Moment,
    OnProgress,
    Progress,
    Reading,
    Scores,
    VideoReport,
)
from affect.emotions import VIEWS, restrict
from affect.errors import SettingsError

READABLE = 0.3  # readability from which a face counts; of clear faces 2 % lie below


def load_model(head: str = "video", runtime: str = expression.DEFAULT_RUNTIME) -> ExpressionModel:
    """The shipped model, loaded and warmed up once a process.

    Raises:
        ModelError: its files are missing or damaged, or the runtime is not installed.
    """
    return expression.load(head, runtime)


def analyze(
    path: str | Path,
    *,
    rate: float = 5.0,
    emotions: str = "five",
    head: str = "video",
    runtime: str = expression.DEFAULT_RUNTIME,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    model: ExpressionModel | None = None,
) -> VideoReport:
    """Analyse one video.

    Args:
        path: a video file.
        rate: looks at the video per second, above 0.
        emotions: the view: "five", "seed" or "seven".
        head: who taught the answer: "video", "ferplus" or "fer2013".
        runtime: what runs the shipped model: "onnx", "litert" or "keras".
        limits: the largest video that is taken.
        on_progress: called after each look; may raise `Cancelled`, which ends the analysis.
        model: what reads the faces; the shipped one by default. With another, `head` only stands
            in the report, so tell there which it is.

    Returns:
        The one result, which everything else reads.

    Raises:
        SettingsError: a rate, view, head or runtime that there is not.
        MediaError: the file is missing, no video, damaged throughout, or over a limit.
        ModelError: the model's files are missing or damaged.
    """
    options = _checked(AnalysisOptions(rate, emotions, head))
    if runtime not in expression.RUNTIMES:
        raise SettingsError(
            f"There is no runtime {runtime!r}.", f"Choose from {', '.join(expression.RUNTIMES)}."
        )
    with media.open_video(Path(path), limits or Limits()) as video:
        model = model or load_model(head, runtime)
        reader = expression.Reader(model)
        finder = faces.FaceFinder(faces.HaarDetector())
        stillness = measures.Stillness(rate)
        times: list[float] = []
        seen: list[_Sighting] = []
        portraits: dict[int, Face] = {}
        for frame in media.read_ahead(video.sample(rate)):
            times.append(frame.time_s)
            found = finder.find(frame)
            for face in found:
                seen.append(_Sighting(face, stillness.compare(face)))
                portraits[face.track] = max(
                    face, portraits.get(face.track, face), key=lambda f: f.detection_score
                )
            reader.add([face.crop for face in found])
            if on_progress:
                last = found[0].crop if found else None
                on_progress(Progress("Looking at faces", frame.time_s, video.info.duration_s, last))
        scores = reader.finish()
    readable = scores.readability >= READABLE
    people = _people(seen, readable, finder.people(), len(times))
    answers = _joined(model, times, seen, readable, scores)
    moments = _moments(times, seen, readable, answers, people, emotions)
    return VideoReport(
        video=video.info,
        sampled=len(times),
        partial=video.partial,
        options=options,
        summary=measures.summarize(moments, emotions),
        people=measures.summarize_people(
            moments, emotions, {person: portraits[track].crop for track, person in people.items()}
        ),
        moments=moments,
        model=model.identity,
    )


def _checked(options: AnalysisOptions) -> AnalysisOptions:
    if not 0 < options.rate <= HIGHEST_RATE:
        raise SettingsError(
            f"The rate is {options.rate:g}.",
            f"Choose one above 0 and at most {HIGHEST_RATE:g}, such as 5.",
        )
    if options.view not in VIEWS:
        raise SettingsError(
            f"There are no emotions called {options.view!r}.", f"Choose from {', '.join(VIEWS)}."
        )
    if options.head not in expression.ANSWERS:
        raise SettingsError(
            f"There is no head {options.head!r}.", f"Choose from {', '.join(expression.ANSWERS)}."
        )
    return replace(options, rate=float(options.rate))  # NumPy's own floats are no JSON


class _Sighting:
    """A face after its pixels are gone."""

    __slots__ = ("box", "detection_score", "frame", "ssim", "track")

    def __init__(self, face: Face, ssim: float | None) -> None:
        self.frame = face.frame
        self.track = face.track
        self.box = face.box
        self.detection_score = face.detection_score
        self.ssim = ssim


def _joined(
    model: ExpressionModel,
    times: list[float],
    seen: list[_Sighting],
    readable: NDArray[np.bool_],
    scores: Scores,
) -> NDArray[np.float32]:
    """Each face's probabilities, read together with the same person's just before and after."""
    mean, spread = expression.steady(
        np.array([times[sighting.frame] for sighting in seen], np.float64),
        np.array([sighting.track for sighting in seen], np.int64),
        readable,
        scores.said,
    )
    return model.answer(mean, spread)


def _people(
    seen: list[_Sighting], readable: NDArray[np.bool_], tracks: frozenset[int], samples: int
) -> dict[int, int]:
    """The number of each track that is a person, from 1, those readable most often first.

    Twice, or in the only sample, it must have been read, or have been a face beyond doubt: who is
    too blurred to be read is somebody all the same, while a shirt taken for a face is nobody.
    """
    counts: dict[int, Counter[bool]] = defaultdict(Counter)
    for sighting, read in zip(seen, readable.tolist(), strict=True):
        if sighting.track in tracks and (read or sighting.detection_score >= faces.BEYOND_DOUBT):
            counts[sighting.track][read] += 1
    enough = min(2, samples)
    people = [track for track, count in counts.items() if count.total() >= enough]
    people.sort(key=lambda track: (-counts[track][True], -counts[track][False]))
    return {track: number for number, track in enumerate(people, start=1)}


def _moments(
    times: list[float],
    seen: list[_Sighting],
    readable: NDArray[np.bool_],
    answers: NDArray[np.float32],
    people: dict[int, int],
    view: str,
) -> tuple[Moment, ...]:
    """Each sample with the faces of people in it; what is no person is left out."""
    labels = VIEWS[view]
    chosen = restrict(answers, view)
    readings: list[list[Reading]] = [[] for _ in times]
    for row, sighting in enumerate(seen):
        if sighting.track not in people:
            continue
        read = bool(readable[row])
        readings[sighting.frame].append(
            Reading(
                person=people[sighting.track],
                box=sighting.box,
                detection_score=sighting.detection_score,
                readable=read,
                emotion=labels[int(chosen[row].argmax())] if read else None,
                scores=dict(zip(labels, chosen[row].tolist(), strict=True)) if read else None,
                ssim=sighting.ssim,
            )
        )
    return tuple(
        Moment(index, time_s, tuple(sorted(readings[index], key=lambda face: face.person)))
        for index, time_s in enumerate(times)
    )
