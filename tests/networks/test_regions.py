"""Which class a model gives to each point of the plane."""

import numpy as np
import pytest

from lib.networks import class_map


def test_class_map_asks_for_the_whole_plane():
    points = np.array([[0.0, 0.0], [10.0, 4.0]])
    found = class_map(lambda x: np.stack([x[:, 0], 0 * x[:, 0] + 5], axis=1), points, 50)
    assert found.xx0.shape == found.xx1.shape == found.response.shape == (50, 50)
    assert (found.xx0.min(), found.xx0.max(), found.xx1.min(), found.xx1.max()) == (-1, 11, -1, 5)
    np.testing.assert_array_equal(found.response, found.xx0 <= 5)


def test_class_map_is_what_scikit_learns_display_takes():
    from sklearn.inspection import DecisionBoundaryDisplay
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 2)), np.arange(60) % 3
    model = LogisticRegression().fit(x + y[:, None], y)
    found = class_map(model.predict_proba, x, n=20)
    theirs = DecisionBoundaryDisplay.from_estimator(
        model, x, grid_resolution=20, response_method="predict"
    )
    ours = DecisionBoundaryDisplay(n_classes=3, **found._asdict())
    for name in found._fields:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), err_msg=name)


@pytest.mark.parametrize(
    ("options", "message"), [({"n": 1.5}, "n=1.5: choose a whole"), ({"margin": -1}, "margin=-1")]
)
def test_class_map_says_what_is_no_grid(options, message):
    with pytest.raises(ValueError, match=message):
        class_map(lambda x: x, np.zeros((3, 2)), **options)
