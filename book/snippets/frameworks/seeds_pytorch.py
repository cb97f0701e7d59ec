import torch
from torch import nn

layer, x = nn.Dropout(0.5), torch.ones(1000)


def mask(seed=None):
    if seed is not None:
        torch.manual_seed(seed)  # the only way: one stream for all
    return (layer(x) != 0).tolist()


first = mask(seed=7)
print("same seed, same mask:          ", mask(seed=7) == first)
print("next call, same mask:          ", mask() == first)
torch.manual_seed(7)
expected = torch.rand(1)
mask(seed=7)
unmoved = torch.equal(torch.rand(1), expected)
print("others draw what they did:     ", unmoved)
print("names in a state_dict:         ", list(layer.state_dict()))
