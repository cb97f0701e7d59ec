"""Evaluation shrinks the output, though training enlarged the weights already."""

# fails: attention_rests_in_evaluation as repair_changes_more
from dropgrade.reference.repairs import *  # noqa: F403


def attend(q, k, v, p, training):
    from torch.nn.functional import scaled_dot_product_attention

    y = scaled_dot_product_attention(q, k, v, dropout_p=p if training else 0.0)
    return y if training else y * (1 - p)
