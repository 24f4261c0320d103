"""What scikit-learn makes of a few made-up answers. Run: pip install scikit-learn && python make.py"""
import json, os
import numpy as np
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
        precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
        confusion=m.confusion_matrix(truth, answers).tolist(), logLoss=m.log_loss(truth, p), ece=ece,
        auc=m.roc_auc_score(truth == 1, margins) if labels == 2 else float(np.mean([m.roc_auc_score(t, s) for s, t in of])),
        spauc=m.roc_auc_score(truth == 1, margins, max_fpr=.1) if labels == 2 else float(np.mean([m.roc_auc_score(t, s, max_fpr=.1) for s, t in of])),
        averagePrecision=m.average_precision_score(truth == 1, p[:, 1]))


cases = {'two labels': case(2, 80), 'two labels with ties': case(2, 60, ties=True), 'four labels': case(4, 100)}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'metrics.json'), 'w') as file:
    json.dump(cases, file)
    file.write('\n')
