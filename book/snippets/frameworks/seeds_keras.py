import keras
import torch
from keras.layers import Dropout

x = torch.ones(1000)


def mask(layer):
    return (layer(x, training=True) != 0).tolist()


one, twin, neighbour = (Dropout(0.5, seed=s) for s in (7, 7, 8))
first, second = mask(one), mask(one)
print("same seed, same mask:          ", mask(twin) == first)
print("next call, same mask:          ", second == first)
for name, layer in (("seed=7", one), ("no seed", Dropout(0.5))):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    mask(layer)
    same = torch.equal(torch.rand(1), expected)
    print(f"others draw what they did:      {same}, {name}")
print("names in a state_dict:         ", list(one.state_dict()))
print("seed 8 first = seed 7 second:  ", mask(neighbour) == second)
keras.utils.set_random_seed(3)
first = mask(Dropout(0.5))
keras.utils.set_random_seed(3)
print("set_random_seed repeats it:    ", mask(Dropout(0.5)) == first)
