"""Forgets to move on to the next batch."""

# fails: epochs_use_every_image as batches_overlap
from dropgrade.reference import mlp

ablation_curve, logits, loss_and_gradients = mlp.ablation_curve, mlp.logits, mlp.loss_and_gradients


def train(params, images, labels, settings, rng):
    params, velocity = dict(params), dict.fromkeys(params, 0)
    batch = settings["batch"]
    for _ in range(settings["steps"]):
        chosen = slice(0, batch)
        _, slopes = loss_and_gradients(params, images[chosen], labels[chosen], settings["p"], rng)
        for name in params:
            velocity[name] = settings["momentum"] * velocity[name] - settings["rate"] * slopes[name]
            params[name] = params[name] + velocity[name]
    return params
