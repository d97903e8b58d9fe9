"""Three sizes of the same course: `smoke`, `class` and `full`."""

from dataclasses import dataclass

from ..checks import shown


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How much a lesson runs. The code of a lesson is the same in every profile.

    Attributes:
        name: `smoke`, `class` or `full`.
        n_epochs: passes over the data in one blobs run.
        n_replicates: independent runs per arm where all share one base model.
        n_bases: base models in the nested design of lesson 05.
        n_refits: runs from each of these base models.
        n_problems: task pairs in lessons 01 and 11; lesson 05 takes five times as many.
        n_resamples: bootstrap resamples.
        n_keras_runs: runs per arm in plain Keras, to check the fast path.
        n_source_photos, n_target_photos: training photographs per class in lessons 07 and 08.
        n_test_photos: test photographs per class; half as many are for validation.
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


# smoke: every line of every lesson, in seconds: what continuous integration runs
# class: the stored outputs; at most about 90 s per lesson on two cores
# full: more bases; as many plain Keras runs per arm, photographs and epochs as were published
_NAMES = "smoke", "class", "full"
_NUMBERS = {
    "n_epochs": (10, 100, 100),
    "n_replicates": (4, 30, 30),
    "n_bases": (30, 500, 4000),  # a two-level bootstrap needs 30 bases
    "n_refits": (2, 2, 2),  # the least that tells bases from refits: what is left buys bases
    "n_problems": (3, 40, 200),
    "n_resamples": (200, 2000, 10_000),
    "n_keras_runs": (1, 2, 30),
    "n_source_photos": (60, 1000, 5000),
    "n_target_photos": (30, 200, 5000),
    "n_test_photos": (20, 200, 1000),
    "n_photo_epochs": (2, 6, 20),
}

PROFILES = {
    name: Profile(name=name, **{field: numbers[i] for field, numbers in _NUMBERS.items()})
    for i, name in enumerate(_NAMES)
}


def get_profile(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        ValueError: for any other name.

    >>> get_profile("class").n_replicates
    30
    """
    if not isinstance(name, str) or name not in PROFILES:
        raise ValueError(f"PROFILE={shown(name)} is unknown: choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]
