"""The switch to evaluation is removed, so that evaluation drops as well."""

# fails: training_goes_on_after_evaluation as drops_in_eval
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def run_epoch(model, batches, held_out, every):
    def run(x):
        h = x @ model["weights"]
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        return h

    trained, validated = [], []
    for step, batch in enumerate(batches, 1):
        trained.append(run(batch))
        if step % every == 0:
            validated.append(run(held_out))
    return trained, validated
