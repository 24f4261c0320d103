"""What scikit-learn and SciPy make of a few made-up answers. Run: pip install scikit-learn scipy && python make.py"""
import json, os
import numpy as np
from scipy import stats
from sklearn import metrics as m

random = np.random.default_rng(7)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def case(labels, examples, ties=False):
    truth = random.integers(0, labels, examples)
    logits = random.normal(0, 1.5, (examples, labels))
    logits[np.arange(examples), truth] += 1.2
    logits = np.round(logits * 2) / 2 if ties else np.round(logits, 3)
    p = softmax(logits)
    answers = p.argmax(1)
    of = [(p[:, k], truth == k) for k in range(labels)]
    margins = logits[:, 1] - logits[:, 0]
    precision, recall, f1, support = m.precision_recall_fscore_support(truth, answers, zero_division=0)
    # Expected calibration error as Guo et al. have it: no function of scikit-learn.
    top, right = p.max(1), truth == answers
    bins = np.clip(np.ceil(top * 15) - 1, 0, 14)
    ece = sum(abs(right[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean() for b in range(15) if (bins == b).any())
    return dict(
        logits=logits.tolist(), truth=truth.tolist(), macroF1=m.f1_score(truth, answers, average='macro'), accuracy=m.accuracy_score(truth, answers),
        macroPrecision=precision.mean(), macroRecall=recall.mean(), precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
        confusion=m.confusion_matrix(truth, answers).tolist(), logLoss=m.log_loss(truth, p), ece=ece,
        auc=m.roc_auc_score(truth == 1, margins) if labels == 2 else float(np.mean([m.roc_auc_score(t, s) for s, t in of])),
        spauc=m.roc_auc_score(truth == 1, margins, max_fpr=.1) if labels == 2 else float(np.mean([m.roc_auc_score(t, s, max_fpr=.1) for s, t in of])),
        averagePrecision=m.average_precision_score(truth == 1, p[:, 1]))


def expected_error(scores, right):
    bins = np.clip(np.ceil(scores * 15) - 1, 0, 14)
    return sum(abs(right[bins == b].mean() - scores[bins == b].mean()) * (bins == b).mean() for b in range(15) if (bins == b).any())


def several(labels, examples, thresholds):
    truth = (random.random((examples, labels)) < .3).astype(int)
    logits = np.round(random.normal(-.8, 1.2, (examples, labels)) + 2 * truth, 3)
    p = 1 / (1 + np.exp(-logits))
    answers = (p >= np.array(thresholds)).astype(int)
    precision, recall, f1, support = m.precision_recall_fscore_support(truth, answers, zero_division=0)
    return dict(
        logits=logits.tolist(), targets=truth.tolist(), thresholds=thresholds, precision=precision.tolist(), recall=recall.tolist(),
        f1=f1.tolist(), support=support.tolist(), macroF1=f1.mean(), macroPrecision=precision.mean(), macroRecall=recall.mean(),
        microF1=m.f1_score(truth, answers, average='micro'), accuracy=m.accuracy_score(truth, answers),
        auc=m.roc_auc_score(truth, logits), spauc=float(np.mean([m.roc_auc_score(truth[:, k], logits[:, k], max_fpr=.1) for k in range(labels)])),
        logLoss=float(np.mean([m.log_loss(truth[:, k], p[:, k], labels=[0, 1]) for k in range(labels)])),
        ece=expected_error(p.ravel(), truth.ravel()))


def values(count, examples):
    truth = np.round(random.normal(3, 1.5, (examples, count)) * 2) / 2
    said = np.round(truth * .7 + random.normal(.5, 1, (examples, count)), 2)
    each = [dict(pearson=stats.pearsonr(t, s)[0], spearman=stats.spearmanr(t, s)[0], mse=m.mean_squared_error(t, s), mae=m.mean_absolute_error(t, s))
            for t, s in zip(truth.T, said.T)]
    return dict(logits=said.tolist(), targets=truth.tolist(), each=each)


cases = {'two labels': case(2, 80), 'two labels with ties': case(2, 60, ties=True), 'four labels': case(4, 100)}
multi = {'even thresholds': several(3, 90, [.5, .5, .5]), 'other thresholds': several(4, 70, [.3, .5, .62, .9])}
regression = {'one value': values(1, 60), 'two values': values(2, 50)}
folder = os.path.dirname(os.path.abspath(__file__))
for name, content in {'metrics': cases, 'multi-label': multi, 'regression': regression}.items():
    with open(os.path.join(folder, f'{name}.json'), 'w') as file:
        json.dump(content, file)
        file.write('\n')
