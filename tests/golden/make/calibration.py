"""Writes calibrations of made-up logits, and their errors, by SciPy and NumPy.

Needs NumPy and SciPy 1.17; scikit-learn 1.9, where it is there, is compared with. Run it from the repository's
root:

    python tests/golden/make/calibration.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

DATA = Path("tests/golden/data/calibration")


def likelihood(logits, matches):
    n = matches.sum()
    targets = np.where(matches, (n + 1) / (n + 2), 1 / (len(matches) - n + 2))

    def loss(line):
        z = line[0] * logits + (line[1] if len(line) == 2 else 0)
        p = expit(z)
        rows = np.stack([logits, np.ones_like(logits)])[: len(line)]
        return (
            np.sum(np.logaddexp(0, z) - targets * z),
            rows @ (p - targets),
            (rows * (p * (1 - p))) @ rows.T,
        )

    return loss


def fit_fused(logits, similarities, matches):
    """Logistic regression on both, with Platt's targets."""
    n = matches.sum()
    targets = np.where(matches, (n + 1) / (n + 2), 1 / (len(matches) - n + 2))
    rows = np.stack([logits, similarities, np.ones_like(logits)])

    def loss(weights):
        z = weights @ rows
        return np.sum(np.logaddexp(0, z) - targets * z)

    def slope(weights):
        return rows @ (expit(weights @ rows) - targets)

    def curve(weights):
        p = expit(weights @ rows)
        return (rows * (p * (1 - p))) @ rows.T

    result = minimize(loss, np.zeros(3), jac=slope, hess=curve, method="trust-exact",
                      options={"gtol": 1e-10, "maxiter": 10000})  # fmt: skip
    return [float(value) for value in result.x]


def fit(logits, matches, parameters):
    loss = likelihood(logits, matches)
    result = minimize(lambda x: loss(x)[0], [1.0, 0.0][:parameters], jac=lambda x: loss(x)[1],
                      hess=lambda x: loss(x)[2], method="trust-exact", options={"gtol": 1e-10, "maxiter": 10000})  # fmt: skip
    return [float(value) for value in result.x]


def compare_with_scikit_learn(logits, matches, line):
    try:
        from sklearn.calibration import _sigmoid_calibration
    except ImportError:
        return
    a, b = _sigmoid_calibration(logits, matches.astype(int))
    assert abs(-a - line[0]) < 1e-3 * (1 + abs(a)) and abs(-b - line[1]) < 1e-3 * (1 + abs(b)), (a, b, line)


def error(probabilities, matches, bins):
    """Expected calibration error, as in the code of Guo et al."""
    edges = np.linspace(0, 1, bins + 1)
    total, rows = 0.0, []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (probabilities > low) & (probabilities <= high)
        rows.append(int(inside.sum()))
        if inside.any():
            total += abs(matches[inside].mean() - probabilities[inside].mean()) * inside.mean()
    return float(total), rows


def cases():
    chance = np.random.default_rng(20220104)
    for name, pairs, part, spread, shift in (
        ("few matches", 300, 0.05, 2, -1),
        ("overconfident", 200, 0.5, 8, 0),
        ("shy", 200, 0.4, 0.2, 0),
        ("large logits", 100, 0.3, 300, 50),
    ):
        matches = chance.random(pairs) < part
        yield name, spread * (chance.normal(size=pairs) + matches * 1.2) + shift, matches
    yield "told apart without fault", np.array([-2.0, -1.0, -0.5, 0.25, 1.0, 3.0]), np.arange(6) > 2
    yield "two pairs", np.array([0.5, -0.25]), np.array([True, False])


if __name__ == "__main__":
    rows = []
    other = np.random.default_rng(7)
    for name, logits, matches in cases():
        logits = logits.astype(np.float32).astype(np.float64)
        platt, temperature = fit(logits, matches, 2), fit(logits, matches, 1)
        compare_with_scikit_learn(logits, matches, platt)
        before, bins = error(expit(logits), matches, 15)
        after, _ = error(expit(platt[0] * logits + platt[1]), matches, 15)
        rows.append({"name": name, "platt": platt, "temperature": temperature[0], "error_before": before,
                     "bins_before": bins, "error_after": after, "logits": [float(np.float32(x)) for x in logits],
                     "matches": [int(x) for x in matches]})  # fmt: skip
        if name in ("few matches", "shy"):
            cosines = np.float32(0.3 + 0.1 * (other.normal(size=len(matches)) + matches)).astype(np.float64)
            rows[-1]["similarities"] = [float(x) for x in cosines]
            rows[-1]["fused"] = fit_fused(logits, cosines, matches)
        print(name, platt, temperature, before, after)
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "expected.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
