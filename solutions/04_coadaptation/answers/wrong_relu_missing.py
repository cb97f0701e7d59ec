"""Has no ReLU in the forward pass, so that two layers are one."""

# fails: evaluation_uses_every_unit as relu_missing
from dropgrade.reference import dropout_forward, mlp

ablation_curve, loss_and_gradients, train = mlp.ablation_curve, mlp.loss_and_gradients, mlp.train


def logits(params, x, p, training, rng):
    hidden = x @ params["W1"] + params["b1"]
    y, _ = dropout_forward(hidden, p, training, rng)
    return y @ params["W2"] + params["b2"]
