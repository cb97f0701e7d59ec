"""Trains with p = 0.5 whatever the settings say."""

# fails: dropout_generalises as no_gain_from_dropout
from dropgrade.reference import mlp

ablation_curve, logits, loss_and_gradients = mlp.ablation_curve, mlp.logits, mlp.loss_and_gradients


def train(params, images, labels, settings, rng):
    params, velocity = dict(params), dict.fromkeys(params, 0)
    n, batch = len(images), settings["batch"]
    for step in range(settings["steps"]):
        place = step * batch % n
        if place == 0:
            order = rng.permutation(n)
        chosen = order[place : place + batch]
        _, slopes = loss_and_gradients(params, images[chosen], labels[chosen], 0.5, rng)
        for name in params:
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * slopes[name]
            params[name] = params[name] + velocity[name]
    return params
