"""Wraps the network in a small class with a forward and a backward method."""

import numpy as np

from dropgrade.reference import dropout_backward, dropout_forward


class Net:
    def __init__(self, params):
        self.w1, self.b1, self.w2, self.b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))

    def forward(self, x, p, training, rng):
        self.x, self.p, self.hidden = x, p, np.clip(x @ self.w1 + self.b1, 0, None)
        self.y, self.keep = dropout_forward(self.hidden, p, training, rng)
        return self.y @ self.w2 + self.b2

    def backward(self, d):
        dh = np.where(self.hidden > 0, dropout_backward(d @ self.w2.T, self.keep, self.p), 0)
        return {"W1": self.x.T @ dh, "b1": dh.sum(axis=0), "W2": self.y.T @ d, "b2": d.sum(axis=0)}


def logits(params, x, p, training, rng):
    return Net(params).forward(x, p, training, rng)


def loss_and_gradients(params, x, labels, p, rng):
    net, one_hot = Net(params), np.eye(len(params["b2"]))[labels].astype(params["W2"].dtype)
    scores = net.forward(x, p, True, rng)
    log_q = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return -(log_q * one_hot).sum() / len(x), net.backward((np.exp(log_q) - one_hot) / len(x))


def train(params, images, labels, settings, rng):
    net, memory, per = params, {name: 0 for name in params}, len(images) // settings["batch"]
    for step in range(settings["steps"]):
        if step % per == 0:
            order = rng.permutation(len(images))
        i = order[step % per :: per]
        slopes = loss_and_gradients(net, images[i], labels[i], settings["p"], rng)[1]
        memory = {k: settings["momentum"] * memory[k] + slopes[k] for k in net}
        net = {k: net[k] - settings["rate"] * memory[k] for k in net}
    return net


def ablation_curve(params, images, labels, shares, masks, rng):
    net, curve = Net(params), []
    net.forward(images, 0.0, False, rng)
    for share in np.repeat(shares, masks):
        left = np.sort(rng.permutation(len(net.b1))[round(share * len(net.b1)) :])
        curve.append(((net.y[:, left] / (1 - share)) @ net.w2[left] + net.b2).argmax(1) != labels)
    return np.mean(curve, axis=1).reshape(-1, masks).mean(axis=1)
