"""The rate is handed to the functional form in both modes."""

# fails: attention_rests_in_evaluation as attention_drops_in_eval
from dropgrade.reference.repairs import *  # noqa: F403


def attend(q, k, v, p, training):
    import torch.nn.functional as F

    return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
