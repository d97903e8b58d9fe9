"""Simulated right answers of two arms on test photographs, whose true difference is known.

Whether an arm of one run pair is right on a photograph is drawn with a probability whose logit is a
sum: the arm's level; how easy the photograph is; which arm it suits; how good the run pair is, and
which arm it suits; and how well the run pair's base suits the photograph.  Lesson 11.

    logit    (n_pairs, n_photographs), or (1, n_photographs) where run pairs share what is drawn
    answers  bool (n_pairs, n_photographs), of each arm

How large the parts are: accuracies and the spread of run pairs are those of the recorded studies
`cifar10_arms` and `cifar10_sizes`; what photographs do is not recorded there, so it is varied.
"""

import functools
from typing import NamedTuple

import numpy as np

N_NODES = 80  # of the quadrature over all that is drawn


class AnswerDesign(NamedTuple):
    """What is simulated. Standard deviations are of the logit.

    Attributes:
        n_pairs: run pairs.
        n_photographs: all of them if run pairs share them, else those of one run pair.
        shared: whether run pairs share their test photographs.
        accuracies: true accuracy of the two arms, over run pairs and photographs.
        easy_sd: of photographs, the same for both arms.
        suits_sd: of photographs, for each arm.
        pair_sd: of run pairs, the same for both arms.
        pair_arm_sd: of run pairs, for each arm.
        cell_sd: of each run pair on each photograph, the same for both arms.
        failing: part of the run pairs in which the second arm guesses, one class of five.
    """

    name: str
    n_pairs: int
    n_photographs: int
    shared: bool
    accuracies: tuple[float, float] = (0.62, 0.52)
    easy_sd: float = 2.0
    suits_sd: float = 0.7
    pair_sd: float = 0.1
    pair_arm_sd: float = 0.1
    cell_sd: float = 0.5
    failing: float = 0.0

    @property
    def logit_sd(self) -> float:
        """Standard deviation of all that is drawn for one arm."""
        parts = self.easy_sd, self.suits_sd, self.pair_sd, self.pair_arm_sd, self.cell_sd
        return float(np.linalg.norm(parts))

    @property
    def truth(self) -> float:
        """The true difference, first arm minus second."""
        first, second = self.accuracies
        return first - ((1 - self.failing) * second + self.failing * CHANCE)


CHANCE = 0.2  # of five classes


@functools.cache
def level_of(accuracy: float, logit_sd: float) -> float:
    """The mean logit of an arm of this true accuracy, by quadrature."""
    from scipy import optimize, special

    nodes, weights = np.polynomial.hermite_e.hermegauss(N_NODES)
    weights = weights / weights.sum()

    def excess(level):
        return weights @ special.expit(level + logit_sd * nodes) - accuracy

    return float(optimize.brentq(excess, -20, 20))


def simulate_answers(design: AnswerDesign, seed) -> tuple[np.ndarray, np.ndarray]:
    """Right answers of both arms in one simulated study.

    Args:
        seed: whatever `numpy.random.default_rng` takes.

    Returns:
        Two arrays, bool (n_pairs, n_photographs).
    """
    from scipy import special

    rng = np.random.default_rng(seed)
    cells = design.n_pairs, design.n_photographs
    photographs = (1, design.n_photographs) if design.shared else cells
    pairs = design.n_pairs, 1
    common = rng.normal(0, design.easy_sd, photographs) + rng.normal(0, design.pair_sd, pairs)
    common = common + rng.normal(0, design.cell_sd, cells)
    fails = rng.random(pairs) < design.failing
    answers = []
    for i, accuracy in enumerate(design.accuracies):
        logit = level_of(accuracy, design.logit_sd) + common
        logit = logit + rng.normal(0, design.suits_sd, photographs)
        chance = special.expit(logit + rng.normal(0, design.pair_arm_sd, pairs))
        if i:
            chance = np.where(fails, CHANCE, chance)
        answers.append(rng.random(cells) < chance)
    return answers[0], answers[1]
