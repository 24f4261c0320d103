"""Figures and intervals of scikit-learn and numpy: `python make.py` writes bootstrap.json beside it (some minutes).

Needs numpy, scipy and scikit-learn. Every figure is computed from the texts as drawn (np.repeat), without weights; the intervals are of 40,000 draws.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

rng = np.random.default_rng(7)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def figures(logits, truth):
    scores = softmax(logits)
    answers = scores.argmax(axis=1)
    labels = logits.shape[1]
    if labels == 2:
        ranked = [(truth, logits[:, 1] - logits[:, 0])]
    else:
        ranked = [(truth == label, scores[:, label]) for label in range(labels)]
    return {
        "macroF1": f1_score(truth, answers, average="macro"),
        "accuracy": accuracy_score(truth, answers),
        "auc": np.mean([roc_auc_score(of, by) for of, by in ranked]),
        "spauc": np.mean([roc_auc_score(of, by, max_fpr=0.1) for of, by in ranked]),
        "logLoss": log_loss(truth, scores, labels=range(labels)),
    }


def fast(logits, truth):
    """macro F1 and accuracy of many draws: [2][draws]. Cells of the confusion matrix by matrix products."""
    answers = logits.argmax(axis=1)
    labels = logits.shape[1]
    cells = truth * labels + answers

    def of(draws):
        counts = np.apply_along_axis(np.bincount, 1, cells[draws], minlength=labels * labels).reshape(-1, labels, labels)
        right = np.einsum("dii->di", counts)
        both = counts.sum(axis=1) + counts.sum(axis=2)
        with np.errstate(invalid="ignore"):
            f1 = np.nanmean(np.where(both > 0, 2 * right / both, np.nan), axis=1)
        return np.stack([f1, right.sum(axis=1) / draws.shape[1]])

    return of


def case(texts, labels, strengths):
    truth = rng.choice(labels, size=texts, p=np.arange(labels, 0, -1) / np.arange(labels, 0, -1).sum())
    noise = rng.normal(size=(texts, labels))
    runs = []
    for strength in strengths:
        logits = 0.8 * noise + 0.7 * rng.normal(size=(texts, labels))
        logits[np.arange(texts), truth] += strength
        runs.append(np.round(logits, 2))  # two digits: ties occur
    counted = []
    for seed in range(4):
        counts = np.bincount(np.random.default_rng(seed).integers(texts, size=texts), minlength=texts)
        rows = np.repeat(np.arange(texts), counts)
        counted.append({"counts": counts.tolist(), "figures": [figures(logits[rows], truth[rows]) for logits in runs]})
    draws = rng.integers(texts, size=(40_000, texts))
    a, b = (fast(logits, truth)(draws) for logits in runs[:2])
    intervals = {
        name: {
            "single": np.quantile(a[i], [0.025, 0.975]).tolist(),
            "difference": np.quantile(b[i] - a[i], [0.025, 0.975]).tolist(),
            "notBetter": float(np.mean(b[i] - a[i] <= 0)),
        }
        for i, name in enumerate(["macroF1", "accuracy"])
    }
    return {"truth": truth.tolist(), "runs": [logits.tolist() for logits in runs], "counted": counted, "intervals": intervals}


def drawn(texts):
    return [np.bincount(np.random.default_rng(seed).integers(texts, size=texts), minlength=texts) for seed in range(4)]


def multi_label(texts, labels):
    targets = (rng.random((texts, labels)) < 0.3).astype(int)
    logits = np.round(rng.normal(size=(texts, labels)) + 1.5 * targets - 0.75, 1)

    def of(rows):
        y, z = targets[rows], logits[rows]
        return {
            "macroF1": f1_score(y, z >= 0, average="macro"),
            "microF1": f1_score(y, z >= 0, average="micro"),
            "accuracy": accuracy_score(y, z >= 0),
            "auc": roc_auc_score(y, z, average="macro"),
            "logLoss": np.mean(np.logaddexp(0, z) - y * z),
        }

    counted = [{"counts": c.tolist(), "figures": of(np.repeat(np.arange(texts), c))} for c in drawn(texts)]
    return {"targets": targets.tolist(), "logits": logits.tolist(), "counted": counted}


def regression(texts):
    targets = np.round(rng.normal(size=texts), 1)
    said = np.round(0.6 * targets + rng.normal(size=texts) + 5, 1)

    def of(rows):
        y, z = targets[rows], said[rows]
        return {
            "mse": np.mean((y - z) ** 2),
            "mae": np.mean(np.abs(y - z)),
            "pearson": pearsonr(y, z).statistic,
            "spearman": spearmanr(y, z).statistic,
        }

    counted = [{"counts": c.tolist(), "figures": of(np.repeat(np.arange(texts), c))} for c in drawn(texts)]
    return {"targets": targets[:, None].tolist(), "logits": said[:, None].tolist(), "counted": counted}


golden = {
    "single-label": {"two labels": case(150, 2, [1.0, 1.6]), "four labels": case(200, 4, [1.6, 1.8])},
    "multi-label": multi_label(80, 5),
    "regression": regression(60),
}
Path(__file__).with_name("bootstrap.json").write_text(json.dumps(golden) + "\n")
