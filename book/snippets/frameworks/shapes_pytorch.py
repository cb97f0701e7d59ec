import torch
import torch.nn.functional as F

x, p = torch.ones(64, 10, 32), 0.5  # examples, steps, features
keep = F.dropout(torch.ones(64, 1, 32), p)  # a scaled mask with one step
y = x * keep
print("same at all steps:    ", bool((y == y[:, :1]).all()))
print("same for all examples:", bool((y == y[:1]).all()))
