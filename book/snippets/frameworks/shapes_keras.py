import keras
import torch

x = torch.ones(64, 10, 32)  # examples, steps, features
layer = keras.layers.Dropout(0.5, noise_shape=(None, 1, 32))
y = layer(x, training=True)
print("same at all steps:    ", bool((y == y[:, :1]).all()))
print("same for all examples:", bool((y == y[:1]).all()))
