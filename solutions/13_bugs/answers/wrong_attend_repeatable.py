"""Evaluation is made repeatable with a seed, and still drops."""

# fails: attention_rests_in_evaluation as attention_drops_in_eval
from dropgrade.reference.repairs import *  # noqa: F403


def attend(q, k, v, p, training):
    import torch

    if not training:
        torch.manual_seed(0)
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=p)
