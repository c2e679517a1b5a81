from __future__ import annotations

import pickle
import re

import pytest

from affect import errors
from affect.errors import AffectError


def _tree(cls: type[AffectError]) -> list[type[AffectError]]:
    return [cls, *(lower for child in cls.__subclasses__() for lower in _tree(child))]


# Only this module's: a test elsewhere may make one of its own.
ERRORS = [cls for cls in _tree(AffectError) if cls.__module__ == errors.__name__]


def test_the_picture_in_the_module_names_every_error() -> None:
    drawn = re.findall(r"^[ │├└─]*([A-Z]\w+)", errors.__doc__ or "", flags=re.MULTILINE)
    assert sorted(set(drawn) - {"Everything"}) == sorted(cls.__name__ for cls in ERRORS)


def test_codes_are_stable_names_used_once() -> None:
    codes = [cls.code for cls in ERRORS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)
def test_each_says_what_to_do_in_one_sentence(cls: type[AffectError]) -> None:
    assert cls.__doc__
    assert re.fullmatch(r"[A-Z].*\.", cls.advice)
    assert str(cls("It is so.")) == f"It is so. {cls.advice}"


@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)
def test_both_texts_survive_the_way_between_processes(cls: type[AffectError]) -> None:
    error = pickle.loads(pickle.dumps(cls("What is wrong.", "What to do.")))
    assert type(error) is cls
    assert (error.sentence, error.advice) == ("What is wrong.", "What to do.")
