"""How sure are we?  Arrays in, intervals and verdicts out; knows nothing of training."""

from typing import TYPE_CHECKING

from ..lazy import on_first_use

if TYPE_CHECKING:
    from .advice import NOT_MEASURED, UNDECIDED, Advice, advise, recommend
    from .comparisons import (
        holm,
        interquartile_mean,
        n_bases_needed,
        nested_p,
        permutation_p,
        probability_of_improvement,
        smallest_difference,
    )
    from .crossings import Crossing, crossing, mean_difference, paired_p
    from .intervals import (
        CurveSummary,
        Interval,
        bootstrap_mean,
        check_settings,
        one_more,
        paired_t,
        proportion,
        summarise_curves,
        tail_probability,
    )
    from .nested import Spread, nested_curves, resampled_means, spread, two_level_bootstrap
    from .photographs import Components, Crossed, crossed
    from .places import Place, place
    from .planning import (
        chance_to_see,
        designs_that_show,
        n_pairs_needed,
        n_photographs_needed,
    )
    from .rounding import ROUNDING, has_reached, is_below
    from .spreads import ratio_of_spreads
    from .times import median_time

__all__ = [
    "Place",
    "place",
    "ratio_of_spreads",
    "ROUNDING",
    "has_reached",
    "is_below",
    "Interval",
    "bootstrap_mean",
    "one_more",
    "paired_t",
    "proportion",
    "CurveSummary",
    "summarise_curves",
    "tail_probability",
    "check_settings",
    "Spread",
    "spread",
    "two_level_bootstrap",
    "resampled_means",
    "nested_curves",
    "probability_of_improvement",
    "interquartile_mean",
    "permutation_p",
    "nested_p",
    "holm",
    "n_bases_needed",
    "smallest_difference",
    "chance_to_see",
    "n_pairs_needed",
    "n_photographs_needed",
    "designs_that_show",
    "median_time",
    "mean_difference",
    "paired_p",
    "Components",
    "Crossed",
    "crossed",
    "Crossing",
    "crossing",
    "UNDECIDED",
    "NOT_MEASURED",
    "Advice",
    "recommend",
    "advise",
]

__getattr__, __dir__ = on_first_use(__name__)
