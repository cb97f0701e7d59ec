"""Dropout is switched off for good."""

# fails: attention_rests_in_evaluation as repair_changes_more
from dropgrade.reference.repairs import *  # noqa: F403


def attend(q, k, v, p, training):
    from torch.nn.functional import scaled_dot_product_attention

    return scaled_dot_product_attention(q, k, v, dropout_p=0.0)
