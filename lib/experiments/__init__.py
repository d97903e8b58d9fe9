"""Transfer experiments: arms, designs, sweeps, and runs on photographs."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from .arms import (
        ADDED_LAYER,
        EXTENSION_ARMS,
        FIXED,
        NEW_HEAD,
        PUBLISHED_ARMS,
        RANDOM_FEATURES,
        REINITIALISED,
        SCRATCH,
        SECOND_NEW,
        THEN_FINE_TUNED,
        Arm,
        Phase,
        phase_ends,
    )
    from .batches import FIRST_TARGET_SEED, final_accuracy, run_arms, train_bases
    from .live import transfer_results
    from .photos import FROZEN, PHOTO_ARMS, PHOTO_SCRATCH, run_arm
    from .pretrained import Tuner, features_task, fit_head, small_network
    from .rates import (
        RATES,
        RateChoice,
        at_rate,
        choose_rates,
        hold_out,
        on_validation,
        rate_effect,
        with_rates,
    )
    from .resume import run_or_resume
    from .sweeps import explore, in_rounds, run_grid
    from .task_pairs import run_task_pairs
    from .words import TUNED, run_sources

__all__ = [
    "ADDED_LAYER",
    "REINITIALISED",
    "SECOND_NEW",
    "RATES",
    "RateChoice",
    "at_rate",
    "choose_rates",
    "hold_out",
    "on_validation",
    "rate_effect",
    "run_task_pairs",
    "with_rates",
    "TUNED",
    "run_sources",
    "EXTENSION_ARMS",
    "FIRST_TARGET_SEED",
    "FIXED",
    "FROZEN",
    "NEW_HEAD",
    "PHOTO_ARMS",
    "PHOTO_SCRATCH",
    "PUBLISHED_ARMS",
    "RANDOM_FEATURES",
    "SCRATCH",
    "THEN_FINE_TUNED",
    "Arm",
    "Phase",
    "Tuner",
    "explore",
    "features_task",
    "final_accuracy",
    "fit_head",
    "in_rounds",
    "phase_ends",
    "run_arm",
    "run_arms",
    "run_grid",
    "run_or_resume",
    "small_network",
    "train_bases",
    "transfer_results",
]

__getattr__, __dir__ = on_first_use(__name__)
