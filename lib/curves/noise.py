"""Noise along a training curve: its variance for slow changes, and what counts as a late fall."""

import numpy as np

LEAST_FALL = 0.01  # accuracy; a late fall that is less is none
EXACT = 1e-12  # squared accuracy; noise below it is rounding
MOST_CORRELATION = 0.7  # of neighbouring epochs; with more, a dozen points hide any late fall


def noise_variance(residuals, jacobian, around=None) -> float:
    """Variance of the noise along a curve, as large as its correlation makes it for slow changes.

    For an AR(1) series of variance v and lag-1 correlation q that is v (1 + q) / (1 - q). Fitted
    residuals look smaller and less correlated than the noise, since the fit follows it: q is the
    one for which the residuals of such noise have, by expectation, the correlation observed.

    Of a mean curve the noise is also seen around it: what the bases' curves have besides other
    parameters. The larger of both counts, since the mean curve may have another form.

    Args:
        residuals: (T,).
        jacobian: of what was fitted, by its parameters, (T, n_parameters).
        around: curves of two bases or more, minus their mean, (n_bases, T).

    Source: moments of the residuals of a linear model, as in Durbin and Watson 1950.
    """
    from scipy import optimize

    n = len(residuals)
    basis, size, _ = np.linalg.svd(jacobian, full_matrices=False)
    basis = basis[:, size > 1e-10 * size[0]]
    left = np.eye(n) - basis @ basis.T  # what the fit leaves of a series
    shifted = left @ np.eye(n, k=1) @ left
    powers = np.arange(n)
    # sums along diagonals: the trace of a product with the correlation matrix, q^|i - j|
    squares = np.array([left.trace(k) * (2 if k else 1) for k in powers])
    products = np.array([shifted.trace(k) + (shifted.trace(-k) if k else 0) for k in powers])
    rows = residuals[None] if around is None else around @ left
    total = (rows**2).sum()
    seen = (rows[:, :-1] * rows[:, 1:]).sum() / max(total, rows.size * EXACT)

    def excess(q):
        return (products @ q**powers) / (squares @ q**powers) - seen

    q = 0.0
    if excess(0.0) < 0:
        top = MOST_CORRELATION
        q = optimize.brentq(excess, 0, top, xtol=1e-4) if excess(top) > 0 else top
    expected = squares @ q**powers
    variance = residuals @ residuals / expected
    if around is not None:
        n_bases = len(around)
        variance = max(variance, total / (n_bases - 1) / n_bases / expected)
    return float(max(variance * (1 + q) / (1 - q), EXACT))


def late_fall(epochs, y) -> tuple[float, float]:
    """How far the curve comes down after its highest stretch, and where that is; 0 if not clearly.

    By a line through what follows; clearly is three standard errors, for correlated noise.
    """
    from scipy import stats

    width = max(3, len(y) // 10)
    smooth = np.convolve(y, np.full(width, 1 / width), "valid")
    peak = smooth.argmax() + width // 2
    t, late = epochs[peak:], y[peak:]
    if len(t) < 5:
        return 0.0, 0.0
    line = stats.linregress(t, late)
    residuals = late - line.intercept - line.slope * t
    noise = noise_variance(residuals, np.stack([np.ones_like(t), t], axis=1))
    error = np.sqrt(noise / len(t)) / t.std()
    fall = -line.slope * (t[-1] - t[0])
    if fall < LEAST_FALL or -line.slope < 3 * error:
        return 0.0, 0.0
    return float(fall), float(t[0])
