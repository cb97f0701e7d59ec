import keras
import numpy as np

x = np.ones((1, 1_000_000), "float32")
model = keras.Sequential([keras.layers.Dropout(0.2)])


def report(call, y):
    y = keras.ops.convert_to_numpy(y)
    zeros, most = (y == 0).mean(), y.max()
    print(f"{call:29} {zeros:4.0%} zeros, largest {most:g}")


report("new model", model(x))
report("training=False", model(x, training=False))
report("training=True", model(x, training=True))
report("predict", model.predict(x, verbose=0))
model.train()  # inherited from torch.nn.Module
report("after train()", model(x))
model.eval()
report("after eval(), training=True", model(x, training=True))
