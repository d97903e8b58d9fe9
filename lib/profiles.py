"""Three sizes of the same course: `smoke`, `class` and `full`."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Profile:
    """How much a lesson runs. The code of a lesson is the same in every profile.

    Attributes:
        name: `smoke`, `class` or `full`.
        n_epochs: passes over the data in one blobs run.
        n_replicates: independent runs of an arm where all share one base model.
        n_bases: base models in the nested design of lesson 05.
        n_refits: runs from each of these base models.
        n_problems: pairs of blobs problems in lesson 05.
        n_resamples: bootstrap resamples.
        n_keras_runs: runs of an arm in plain Keras, to check the fast path.
        n_source_photos, n_target_photos: photographs of a class to train on in lessons 06 and 07.
        n_test_photos: photographs of a class to test on; half as many are for validation.
        n_photo_epochs: passes over the photographs.
    """

    name: str
    n_epochs: int
    n_replicates: int
    n_bases: int
    n_refits: int
    n_problems: int
    n_resamples: int
    n_keras_runs: int
    n_source_photos: int
    n_target_photos: int
    n_test_photos: int
    n_photo_epochs: int


PROFILES = {
    profile.name: profile
    for profile in (
        # every line of every lesson, in seconds: what continuous integration runs
        Profile("smoke", 10, 4, 6, 3, 3, 200, 1, 60, 30, 20, 2),
        # the stored outputs: at most about 90 s a lesson on two cores
        Profile("class", 100, 30, 100, 10, 40, 2000, 2, 1000, 200, 200, 6),
        # more bases; as many plain Keras runs an arm, and photographs and epochs, as were published
        Profile("full", 100, 30, 300, 30, 200, 10000, 30, 5000, 5000, 1000, 20),
    )
}


def get_profile(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        ValueError: for any other name.

    >>> get_profile("class").n_replicates
    30
    """
    if name not in PROFILES:
        raise ValueError(f"PROFILE={name!r} is unknown: choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]


def build_folder() -> Path:
    """Return the folder that lessons write to: saved models, results.

    Returns:
        The absolute path of the folder that the environment variable COURSE_BUILD names, as
        `lib.course` sets it for the lessons it runs; else `build` in the repository. It need not
        exist.

    >>> build_folder().is_absolute()
    True
    """
    default = Path(__file__).resolve().parents[1] / "build"
    return Path(os.environ.get("COURSE_BUILD") or default).absolute()
